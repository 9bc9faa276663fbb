import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Transactions } from '../database/transactions.js';

/**
 * Scheduled work, once per (task, period) among all processes and restarts. The row is written before
 * the work and finished after it, so a run that died is seen as unfinished and done again.
 */
@Injectable()
export class TaskRuns {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /**
   * Does `work` unless it was finished for this period before. Two processes that come at the same time
   * may both do it, and so may one that comes after a crash: the work must be idempotent.
   *
   * @param task e.g. `credits.accrual`, at most 64 ASCII characters
   * @param period what it is done once for, e.g. a local date
   * @returns true when the work ran here, false when it had been finished already
   */
  async once(task: string, period: string, work: () => Promise<void>): Promise<boolean> {
    const [known] = await this.database.rows<{ finished: number }>(
      'SELECT finished_at IS NOT NULL AS finished FROM task_run WHERE task = ? AND period = ?',
      [task, period],
    );
    if (known?.finished) return false;
    if (!known) await this.begin(task, period);
    await work();
    await this.finish(task, period);
    return true;
  }

  private async begin(task: string, period: string): Promise<void> {
    await this.transactions.run((tx) =>
      tx.write(
        `INSERT INTO task_run (task, period, started_at) VALUES (?, ?, UTC_TIMESTAMP(3))
         ON DUPLICATE KEY UPDATE task = task`,
        [task, period],
      ),
    );
  }

  private async finish(task: string, period: string): Promise<void> {
    await this.transactions.run((tx) =>
      tx.write(
        'UPDATE task_run SET finished_at = UTC_TIMESTAMP(3) WHERE task = ? AND period = ? AND finished_at IS NULL',
        [task, period],
      ),
    );
  }
}
