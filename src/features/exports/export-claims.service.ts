import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import type { Lease } from '../../platform/jobs/lease-queue.js';
import { CreditsService } from '../credits/index.js';
import { ExportTransitions } from './export-transitions.service.js';
import { ExportQueueRepository } from './export-queue.repository.js';
import { ExportRepository } from './export.repository.js';
import { faultPoint } from './exports.faults.js';
import { HOLD_RENEWAL_SECONDS, MAX_ATTEMPTS } from './exports.rules.js';
import type { ExportRecord } from './exports.types.js';

/** A claimed export: the lease, and the export as it stood right after the claim. */
export interface ExportJob extends Lease {
  readonly record: ExportRecord;
}

/** Takes exports from the queue, keeps them taken, and hands them back. */
@Injectable()
export class ExportClaims {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly queue: ExportQueueRepository,
    private readonly exports: ExportRepository,
    private readonly transitions: ExportTransitions,
    private readonly credits: CreditsService,
  ) {}

  /** The next export to write; those that cannot be written any more are ended on the way. */
  async next(): Promise<ExportJob | undefined> {
    while (await this.queue.hasDue(this.database)) {
      faultPoint('export.before-claim');
      const job = await this.transactions.run((tx) => this.claim(tx));
      if (job === undefined) return undefined;
      faultPoint('export.after-claim');
      if (job !== 'ended') return job;
    }
    return undefined;
  }

  /** The heartbeat of lease and hold. A lost hold shows at the capture: the work then fails. */
  async renew(job: ExportJob): Promise<boolean> {
    if (!(await this.queue.renew(job))) return false;
    const { holdId } = job.record;
    if (holdId !== null) await this.transactions.run((tx) => this.credits.renew(tx, holdId, HOLD_RENEWAL_SECONDS));
    return true;
  }

  /** Back to the queue as if not begun: the process was told to stop. */
  async giveBack(job: ExportJob): Promise<void> {
    await this.transactions.run((tx) => this.transitions.putBack(tx, job.record, job, { burnt: false, delaySeconds: 0 }));
  }

  private async claim(tx: Tx): Promise<ExportJob | 'ended' | undefined> {
    const lease = await this.queue.claim(tx);
    if (!lease) return undefined;
    const waiting = await this.exports.get(tx, lease.id);
    if (waiting.attempt >= MAX_ATTEMPTS) {
      await this.transitions.fail(tx, waiting, lease, 'export.worker-lost');
      return 'ended';
    }
    const record = await this.transitions.begin(tx, lease.id);
    if (record.holdId !== null && !(await this.credits.renew(tx, record.holdId, HOLD_RENEWAL_SECONDS))) {
      await this.transitions.fail(tx, record, lease, 'export.hold-lapsed');
      return 'ended';
    }
    return { ...lease, record };
  }
}
