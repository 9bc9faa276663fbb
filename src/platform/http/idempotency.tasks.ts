import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Idempotency } from './idempotency.js';

@Injectable()
export class IdempotencyTasks {
  constructor(private readonly idempotency: Idempotency) {}

  @Cron(CronExpression.EVERY_HOUR)
  deleteExpired(): Promise<void> {
    return this.idempotency.deleteExpired();
  }
}
