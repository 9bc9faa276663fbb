import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { SignInCodes } from './sign-in-codes.service.js';

@Injectable()
export class SignInCodesTasks {
  constructor(private readonly codes: SignInCodes) {}

  @Cron(CronExpression.EVERY_10_MINUTES)
  deleteExpired(): Promise<void> {
    return this.codes.deleteExpired();
  }
}
