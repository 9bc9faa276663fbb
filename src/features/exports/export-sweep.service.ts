import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { Storage } from '../../platform/storage/storage.js';
import { ExportRepository } from './export.repository.js';
import { ExportEvents } from './exports.events.js';
import { faultPoint } from './exports.faults.js';

const BATCH = 500;
const FOLDER = 'exports';

/** Tidies files away. Nothing depends on it running: readers go by the time and by the table. */
@Injectable()
export class ExportSweep {
  private readonly logger = new Logger(ExportSweep.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly exports: ExportRepository,
    private readonly storage: Storage,
    private readonly events: ExportEvents,
  ) {}

  /** Removes files that have been kept for their time; `signal` stops it between two. @returns how many exports it expired */
  async expireDue(signal?: AbortSignal): Promise<number> {
    let expired = 0;
    for (;;) {
      const due = await this.exports.listDue(BATCH);
      for (const { id, storageKey } of due) {
        signal?.throwIfAborted();
        if (await this.expire(id, storageKey, { onlyDue: true })) expired += 1;
      }
      if (due.length < BATCH) return expired;
    }
  }

  /**
   * Ends the time of one file and removes it.
   *
   * @param onlyDue false to do so before its time is over
   * @returns false when it had ended, or with `onlyDue` has not yet
   */
  expire(id: string, storageKey: string, { onlyDue }: { onlyDue: boolean }): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      const expired = await this.exports.expire(tx, id, { onlyDue });
      if (expired) {
        tx.afterCommit(() => faultPoint('export.before-removal'));
        tx.afterCommit(() => this.storage.delete(storageKey));
        tx.afterCommit(() => this.events.updated(id));
      }
      return expired;
    });
  }

  /**
   * Removes files that no export names: left by a worker that was killed. The files are listed before the
   * exports are read, so that a file is either named by then or its export has not ended. `signal` stops it
   * between two.
   *
   * @returns how many files it removed
   */
  async removeUnreferenced(signal?: AbortSignal): Promise<number> {
    let removed = 0;
    let batch: string[] = [];
    for await (const { key } of this.storage.list(FOLDER)) {
      batch.push(key);
      if (batch.length < BATCH) continue;
      removed += await this.removeStrays(batch, signal);
      batch = [];
    }
    removed += await this.removeStrays(batch, signal);
    if (removed > 0) this.logger.log(`removed ${removed} files that no export names`);
    return removed;
  }

  private async removeStrays(keys: readonly string[], signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    const known = await this.exports.listFiles([...new Set(keys.map(exportIdOf))]);
    const strays = keys.filter((key) => {
      const owner = known.get(exportIdOf(key));
      return owner === undefined || (owner.ended && owner.storageKey !== key);
    });
    for (const key of strays) {
      signal?.throwIfAborted();
      await this.storage.delete(key);
    }
    return strays.length;
  }
}

/** `exports/<id>/<file>` → id */
function exportIdOf(key: string): string {
  return key.split('/')[1] ?? '';
}
