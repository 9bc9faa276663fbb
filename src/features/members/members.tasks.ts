import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { SessionsService } from './sessions.service.js';

@Injectable()
export class MembersTasks {
  constructor(private readonly sessions: SessionsService) {}

  @Cron(CronExpression.EVERY_HOUR)
  deleteEndedSessions(): Promise<void> {
    return this.sessions.deleteEnded();
  }
}
