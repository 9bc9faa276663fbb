import { Injectable } from '@nestjs/common';
import type { Reader } from '../../platform/database/transactions.js';
import type { Hour } from '../../platform/statistics/hour.js';
import type { EntryKind } from './entities/credit-entry.js';

/** What the books gained and lost over time, all members together. By the time of writing, which the past does not change. */
@Injectable()
export class CreditFlowRepository {
  async findFirst(reader: Reader): Promise<Date | null> {
    const [row] = await reader.rows<{ first: Date | null }>('SELECT MIN(created_at) AS first FROM credit_entry');
    return row!.first;
  }

  /** Credits that came into being: at sign-up, by the day, bought. What was taken back is not subtracted. */
  sumIssued(reader: Reader, hour: Hour): Promise<number> {
    return this.sum(reader, hour, ['signup', 'accrual', 'purchase']);
  }

  /** Credits that were paid for something. Refunds are not subtracted. */
  sumSpent(reader: Reader, hour: Hour): Promise<number> {
    return this.sum(reader, hour, ['spend', 'capture']);
  }

  private async sum(reader: Reader, { from, to }: Hour, kinds: readonly EntryKind[]): Promise<number> {
    // A SUM is a DECIMAL, and arrives as text.
    const [row] = await reader.rows<{ total: string }>(
      `SELECT COALESCE(SUM(ABS(e.amount)), 0) AS total
         FROM credit_entry e JOIN credit_account a ON a.id = e.account_id
        WHERE e.created_at >= ? AND e.created_at < ? AND e.kind IN (?) AND a.unit = 'credit'`,
      [from, to, kinds],
    );
    return Number(row!.total);
  }
}
