import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { ExportQueueRepository } from './export-queue.repository.js';
import { ExportRepository } from './export.repository.js';
import type { ExportJob } from './export-claims.service.js';
import { ExportEvents } from './exports.events.js';

/** The lease is lost, the export was cancelled, or the process stops: the file is not wanted any more. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** At most two notes of progress a second in the table, */
const NOTED_MS = 500;
/** and one to sockets: with the end, which does not wait, they hear of an export twice a second at most. */
const TOLD_MS = 1_000;

/** Writes down how far an export is. Each write is fenced by the lease, and so is how a cancelled one is noticed. */
@Injectable()
export class ExportProgress {
  private readonly last = new WeakMap<ExportJob, { noted: number; told: number }>();

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly queue: ExportQueueRepository,
    private readonly exports: ExportRepository,
    private readonly events: ExportEvents,
  ) {}

  /** @throws Interrupted when the lease is lost */
  async begin(job: ExportJob, snapshotAt: Date, rowsEstimated: number): Promise<void> {
    const now = performance.now();
    this.last.set(job, { noted: now, told: now });
    await this.fenced(job, (tx) => this.exports.setSnapshot(tx, job.id, snapshotAt, rowsEstimated));
  }

  /**
   * Notes the rows written so far, unless it noted some within the last half second.
   *
   * @throws Interrupted when the lease is lost
   */
  async advance(job: ExportJob, rows: number): Promise<void> {
    const now = performance.now();
    const last = this.last.get(job) ?? { noted: now, told: now };
    if (now - last.noted < NOTED_MS) {
      // Each page is a chance to notice that it was cancelled.
      if (!(await this.queue.isHeld(this.database, job))) throw new Interrupted();
      return;
    }
    const tells = now - last.told >= TOLD_MS;
    this.last.set(job, { noted: now, told: tells ? now : last.told });
    await this.fenced(job, (tx) => this.exports.setRowsDone(tx, job.id, rows));
    if (tells) await this.events.updated(job.id);
  }

  private async fenced(job: ExportJob, write: (tx: Tx) => Promise<void>): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!(await this.queue.fence(tx, job))) throw new Interrupted();
      await write(tx);
    });
  }
}
