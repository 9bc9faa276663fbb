import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { ExportQueueRepository } from './export-queue.repository.js';
import { ExportRepository } from './export.repository.js';
import type { ExportJob } from './export-claims.service.js';
import { ExportEvents } from './exports.events.js';

/** The lease is lost, the export was cancelled, or the process stops: the file is not wanted any more. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** At most two notes of progress a second, in the table and to sockets. */
const INTERVAL_MS = 500;

/** Writes down how far an export is. Each write is fenced by the lease, and so is how a cancelled one is noticed. */
@Injectable()
export class ExportProgress {
  private readonly lastAt = new WeakMap<ExportJob, number>();

  constructor(
    private readonly transactions: Transactions,
    private readonly queue: ExportQueueRepository,
    private readonly exports: ExportRepository,
    private readonly events: ExportEvents,
  ) {}

  /** @throws Interrupted when the lease is lost */
  async begin(job: ExportJob, snapshotAt: Date, rowsEstimated: number): Promise<void> {
    this.lastAt.set(job, performance.now());
    await this.fenced(job, (tx) => this.exports.setSnapshot(tx, job.id, snapshotAt, rowsEstimated));
  }

  /**
   * Notes the rows written so far, unless it noted some within the last half second.
   *
   * @throws Interrupted when the lease is lost
   */
  async advance(job: ExportJob, rows: number): Promise<void> {
    const now = performance.now();
    if (now - (this.lastAt.get(job) ?? 0) < INTERVAL_MS) return;
    this.lastAt.set(job, now);
    await this.fenced(job, (tx) => this.exports.setRowsDone(tx, job.id, rows));
    await this.events.updated(job.id);
  }

  private async fenced(job: ExportJob, write: (tx: Tx) => Promise<void>): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!(await this.queue.fence(tx, job))) throw new Interrupted();
      await write(tx);
    });
  }
}
