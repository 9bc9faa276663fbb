import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Transactions } from '../database/transactions.js';

const ROWS_PER_TRANSACTION = 1_000;

/** Tidies keys past their 24 h; they are already gone to every reader. */
@Injectable()
export class IdempotencyTasks {
  constructor(private readonly transactions: Transactions) {}

  @Cron(CronExpression.EVERY_HOUR)
  async deleteExpired(): Promise<void> {
    let deleted: number;
    do {
      deleted = await this.transactions.run((tx) =>
        tx.write(`DELETE FROM idempotency WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL 24 HOUR LIMIT ${ROWS_PER_TRANSACTION}`),
      );
    } while (deleted === ROWS_PER_TRANSACTION);
  }
}
