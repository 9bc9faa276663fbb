import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Activity } from './activity.service.js';
import { SessionsService } from './sessions.service.js';

/** Any number of processes may run these at once: each statement is conditional on what it finds. */
@Injectable()
export class MembersTasks {
  constructor(
    private readonly sessions: SessionsService,
    private readonly activity: Activity,
  ) {}

  @Cron(CronExpression.EVERY_10_SECONDS)
  writeActivity(): Promise<void> {
    return this.activity.write();
  }

  @Cron(CronExpression.EVERY_HOUR)
  deleteEndedSessions(): Promise<void> {
    return this.sessions.deleteEnded();
  }
}
