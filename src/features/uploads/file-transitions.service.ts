import { Injectable } from '@nestjs/common';
import { changedMeanwhile } from '../../platform/database/sql-errors.js';
import type { Tx } from '../../platform/database/transactions.js';
import { BlobRepository } from './blob.repository.js';
import { FileObjects } from './file-objects.service.js';
import { FileQueueRepository } from './file-queue.repository.js';
import { FileRepository, type Reached } from './file.repository.js';
import { UploadQuotaRepository } from './upload-quota.repository.js';
import type { FileRecord, FileRejection, FileState, Product } from './uploads.types.js';

/**
 * The ends of a file, each with what it does to queue, blobs and quota, in this order. They take the file
 * as the transaction has read it; one that has moved on since makes the transaction run again.
 */
@Injectable()
export class FileTransitions {
  constructor(
    private readonly files: FileRepository,
    private readonly blobs: BlobRepository,
    private readonly quotas: UploadQuotaRepository,
    private readonly queue: FileQueueRepository,
    private readonly objects: FileObjects,
  ) {}

  /** processing → ready. The caller holds the lease and takes the queue's row out. */
  async ready(tx: Tx, record: FileRecord, { served, width, height, variants }: Product): Promise<void> {
    // In the order of their hashes: two files that share pictures then wait for each other, and do not deadlock.
    const taken = new Map<string, string>();
    for (const bytes of [served, ...variants].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))) taken.set(bytes.storageKey, await this.blobs.take(tx, bytes));
    await this.move(tx, record, 'processing', { state: 'ready', blobId: taken.get(served.storageKey)!, width, height });
    for (const variant of variants) await this.files.insertVariant(tx, record.id, { ...variant, blobId: taken.get(variant.storageKey)! });
    await this.quotas.close(tx, record.ownerId, { reserved: record.reserved, kept: record.size! });
    this.tidyAfter(tx, record.id);
  }

  /** processing → rejected. The caller holds the lease and takes the queue's row out. */
  async reject(tx: Tx, record: FileRecord, rejectCode: FileRejection): Promise<void> {
    await this.move(tx, record, 'processing', { state: 'rejected', rejectCode });
    await this.close(tx, record);
  }

  /** receiving → expired. */
  async expire(tx: Tx, record: FileRecord): Promise<void> {
    await this.move(tx, record, 'receiving', { state: 'expired' });
    await this.close(tx, record);
  }

  /** Whatever it is → deleted. Whoever receives or checks it notices and leaves off. */
  async delete(tx: Tx, record: FileRecord): Promise<void> {
    await this.move(tx, record, record.state, { state: 'deleted' });
    if (record.state === 'ready') {
      await this.files.deleteVariants(tx, record.id);
      for (const blobId of [record.blobId!, ...record.variants.map((variant) => variant.blobId)].sort()) await this.blobs.release(tx, blobId);
      await this.quotas.free(tx, record.ownerId, record.size!);
      return;
    }
    if (record.state === 'processing') await this.queue.remove(tx, record.id);
    if (record.state !== 'rejected') await this.close(tx, record);
  }

  /** receiving → as if it had never been: refused at its door. */
  async abandon(tx: Tx, record: FileRecord): Promise<void> {
    if (!(await this.files.delete(tx, record))) throw changedMeanwhile(`file ${record.id} has moved on`);
    await this.close(tx, record);
  }

  private async move(tx: Tx, record: FileRecord, from: FileState, reached: Reached): Promise<void> {
    if (!(await this.files.move(tx, record, from, reached))) throw changedMeanwhile(`file ${record.id} has moved on`);
  }

  private async close(tx: Tx, { id, ownerId, reserved }: FileRecord): Promise<void> {
    await this.quotas.close(tx, ownerId, { reserved, kept: 0 });
    this.tidyAfter(tx, id);
  }

  /** Removes what no blob names of a file that has ended. */
  tidyAfter(tx: Tx, id: string): void {
    tx.afterCommit(() => this.objects.tidy(id));
  }
}
