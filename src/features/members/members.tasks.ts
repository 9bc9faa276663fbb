import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Activity } from './activity.service.js';
import { PasswordResets } from './password-resets.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInCodes } from './oidc/sign-in-codes.service.js';

/** Any number of processes may run these at once: each statement is conditional on what it finds. */
@Injectable()
export class MembersTasks {
  constructor(
    private readonly sessions: SessionsService,
    private readonly activity: Activity,
    private readonly passwordResets: PasswordResets,
    private readonly signInCodes: SignInCodes,
  ) {}

  @Cron(CronExpression.EVERY_10_SECONDS)
  writeActivity(): Promise<void> {
    return this.activity.write();
  }

  @Cron(CronExpression.EVERY_HOUR)
  deleteEndedSessions(): Promise<void> {
    return this.sessions.deleteEnded();
  }

  @Cron(CronExpression.EVERY_HOUR)
  deleteExpiredResets(): Promise<void> {
    return this.passwordResets.deleteExpired();
  }

  @Cron(CronExpression.EVERY_10_MINUTES)
  deleteExpiredSignInCodes(): Promise<void> {
    return this.signInCodes.deleteExpired();
  }

  @Cron(CronExpression.EVERY_HOUR)
  forgetActivity(): Promise<void> {
    return this.activity.forget();
  }
}
