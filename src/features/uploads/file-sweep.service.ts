import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { Storage } from '../../platform/storage/storage.js';
import { BlobRepository } from './blob.repository.js';
import { FileObjects } from './file-objects.service.js';
import { FileTransitions } from './file-transitions.service.js';
import { FileRepository } from './file.repository.js';
import { faultPoint } from './uploads.faults.js';
import { FORGET_AFTER_DAYS, UPLOADS } from './uploads.rules.js';

const BATCH = 500;

/** Tidies files away. Nothing depends on it running: readers go by the time and by the tables. */
@Injectable()
export class FileSweep {
  private readonly logger = new Logger(FileSweep.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly files: FileRepository,
    private readonly transitions: FileTransitions,
    private readonly blobs: BlobRepository,
    private readonly objects: FileObjects,
    private readonly storage: Storage,
  ) {}

  /** Ends uploads that were not finished in their time; `signal` stops it between two. @returns how many */
  async expireDue(signal?: AbortSignal): Promise<number> {
    let expired = 0;
    for (;;) {
      const due = await this.files.listDue(BATCH);
      for (const id of due) {
        signal?.throwIfAborted();
        if (await this.expire(id)) expired += 1;
      }
      if (due.length < BATCH) return expired;
    }
  }

  /**
   * Removes the bytes that no file refers to any more, and finishes what a process began that was killed;
   * `signal` stops it between two.
   *
   * @returns how many blobs it removed
   */
  async removeUnreferenced(signal?: AbortSignal): Promise<number> {
    let removed = 0;
    for (let after = ''; ; ) {
      const unreferenced = await this.blobs.listUnreferenced({ after, limit: BATCH });
      for (const blob of unreferenced) {
        signal?.throwIfAborted();
        if (await this.removeBlob(blob)) removed += 1;
      }
      if (unreferenced.length < BATCH) return removed;
      after = unreferenced.at(-1)!.id;
    }
  }

  /** Removes objects that nothing names: left by a process that was killed. `signal` stops it between two. @returns how many */
  async removeStrays(signal?: AbortSignal): Promise<number> {
    let removed = 0;
    let batch: string[] = [];
    for await (const { key } of this.storage.list(UPLOADS)) {
      batch.push(key);
      if (batch.length < BATCH) continue;
      removed += await this.objects.removeStrays(batch, signal);
      batch = [];
    }
    removed += await this.objects.removeStrays(batch, signal);
    if (removed > 0) this.logger.log(`removed ${removed} objects that nothing names`);
    return removed;
  }

  /** Forgets files that were deleted, expired or rejected a month ago. */
  async forgetOld(): Promise<void> {
    await this.transactions.runInParts((tx, limit) => this.files.deleteOld(tx, FORGET_AFTER_DAYS, limit));
  }

  /** False when somebody refers to it again, or the storage fails. */
  private async removeBlob({ id, storageKey }: { id: string; storageKey: string }): Promise<boolean> {
    if (!(await this.transactions.run((tx) => this.blobs.giveUp(tx, id)))) return false;
    faultPoint('uploads.before-removal');
    if (!(await this.objects.remove(storageKey))) return false;
    await this.transactions.run((tx) => this.blobs.delete(tx, id));
    return true;
  }

  /** False when more of it came, or it ended otherwise, in the meantime. */
  private expire(id: string): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      const record = await this.files.find(tx, id);
      // The time is part of the state as it is read.
      if (record?.state !== 'expired' || record.expiresAt === null) return false;
      await this.transitions.expire(tx, record);
      return true;
    });
  }
}
