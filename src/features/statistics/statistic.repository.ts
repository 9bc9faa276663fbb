import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { Statistic } from './entities/statistic.js';

/** The only SQL on rolled-up hours. */
@Injectable()
export class StatisticRepository {
  /** Whoever comes first writes an hour; a second writing changes nothing. */
  async insert(tx: Tx, statistics: readonly Statistic[]): Promise<void> {
    await tx.write(
      `INSERT INTO statistic (metric, hour, value) VALUES ${statistics.map(() => '(?, ?, ?)').join(', ')} ON DUPLICATE KEY UPDATE metric = metric`,
      statistics.flatMap(({ metric, hour, value }) => [metric, hour, value]),
    );
  }

  /** Oldest first. @param to not part of it */
  list(reader: Reader, metrics: readonly string[], from: Date, to: Date): Promise<Statistic[]> {
    return reader.rows('SELECT metric, hour, value FROM statistic WHERE metric IN (?) AND hour >= ? AND hour < ? ORDER BY metric, hour', [metrics, from, to]);
  }
}
