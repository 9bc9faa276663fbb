import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import type { Lease } from '../../../platform/jobs/lease-queue.js';
import { FileQueueRepository } from '../file-queue.repository.js';
import { FileTransitions } from '../file-transitions.service.js';
import { FileRepository } from '../file.repository.js';
import { FileEvents } from '../uploads.events.js';
import { faultPoint } from '../uploads.faults.js';
import { MAX_ATTEMPTS } from '../uploads.rules.js';
import type { FileRecord, FileRejection, Product } from '../uploads.types.js';

/** A claimed file: the lease, and the file as it stood right after the claim. */
export interface FileJob extends Lease {
  readonly record: FileRecord;
}

/**
 * Takes files from the queue and lets go of them again. Always the queue row first: taking it out, or giving
 * it back, is the written guard that lets only the holder of the lease decide what becomes of the file.
 */
@Injectable()
export class FileClaims {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly queue: FileQueueRepository,
    private readonly files: FileRepository,
    private readonly transitions: FileTransitions,
    private readonly events: FileEvents,
  ) {}

  /** The next file to check. Those that three workers were lost on are rejected on the way: they may be what kills them. */
  async next(): Promise<FileJob | undefined> {
    while (await this.queue.hasDue(this.database)) {
      faultPoint('uploads.before-claim');
      const job = await this.transactions.run((tx) => this.claim(tx));
      if (job === undefined) return undefined;
      faultPoint('uploads.after-claim');
      if (job.record.attempt <= MAX_ATTEMPTS) return job;
      await this.reject(job, 'file.processing-failed');
    }
    return undefined;
  }

  renew(job: FileJob): Promise<boolean> {
    return this.queue.renew(job);
  }

  /** @returns false when the lease was lost, or the file deleted: nothing changed then */
  ready(job: FileJob, product: Product): Promise<boolean> {
    return this.end(job, (tx, record) => this.transitions.ready(tx, record, product));
  }

  /** @returns false when the lease was lost, or the file deleted: nothing changed then */
  reject(job: FileJob, code: FileRejection): Promise<boolean> {
    return this.end(job, (tx, record) => this.transitions.reject(tx, record, code));
  }

  /**
   * Back to the queue.
   *
   * @param burnt false when the attempt does not count
   * @returns false when the lease was lost, or the file deleted
   */
  putBack(job: FileJob, { burnt, delaySeconds }: { burnt: boolean; delaySeconds: number }): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      if (!(await this.queue.giveBack(tx, job, delaySeconds))) return false;
      if (!burnt) await this.files.dropAttempt(tx, job.id);
      return true;
    });
  }

  private async claim(tx: Tx): Promise<FileJob | undefined> {
    const lease = await this.queue.claim(tx);
    if (!lease) return undefined;
    await this.files.addAttempt(tx, lease.id);
    return { ...lease, record: (await this.files.find(tx, lease.id))! };
  }

  private end(job: FileJob, move: (tx: Tx, record: FileRecord) => Promise<void>): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      if (!(await this.queue.finish(tx, job))) return false;
      // Before the tidying that the move asks for: the owner does not wait for the storage.
      tx.afterCommit(() => this.events.checked(job.id));
      await move(tx, (await this.files.find(tx, job.id))!);
      faultPoint('uploads.before-commit');
      return true;
    });
  }
}
