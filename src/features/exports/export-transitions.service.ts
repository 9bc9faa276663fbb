import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import type { Tx } from '../../platform/database/transactions.js';
import type { Lease } from '../../platform/jobs/lease-queue.js';
import { CreditsService } from '../credits/index.js';
import { ExportQueueRepository } from './export-queue.repository.js';
import { ExportQuotaRepository } from './export-quota.repository.js';
import { ExportRepository, type FinishedFile } from './export.repository.js';
import { ExportEvents } from './exports.events.js';
import { faultPoint } from './exports.faults.js';
import type { ExportFailure, ExportRecord } from './exports.types.js';

/**
 * How an export passes from state to state. Always the queue row first: deleting it is the written guard
 * that lets exactly one of complete, fail and cancel happen, and with it one capture or one release.
 * Then, in this order everywhere: export, quota, credits.
 */
@Injectable()
export class ExportTransitions {
  constructor(
    private readonly queue: ExportQueueRepository,
    private readonly exports: ExportRepository,
    private readonly quotas: ExportQuotaRepository,
    private readonly credits: CreditsService,
    private readonly events: ExportEvents,
    private readonly config: Config,
  ) {}

  /** A worker begins a new attempt, whose lease it took in this transaction. */
  async begin(tx: Tx, id: string): Promise<ExportRecord> {
    await this.exports.begin(tx, id);
    tx.afterCommit(() => this.events.updated(id));
    return this.exports.get(tx, id);
  }

  /**
   * The file is there: it can be downloaded, and the member has paid.
   *
   * @returns false when the lease was lost, in which case nothing changed
   * @throws holdClosed when the hold on the credit lapsed meanwhile
   */
  async complete(tx: Tx, { id, memberId, holdId }: ExportRecord, lease: Lease, file: FinishedFile): Promise<boolean> {
    if (!(await this.queue.finish(tx, lease))) return false;
    const running = await this.exports.succeed(tx, id, file, this.config.EXPORT_RETENTION_DAYS);
    if (!running) throw new Error(`export ${id} had a queue row but was not running`);
    await this.quotas.free(tx, memberId);
    if (holdId !== null) await this.credits.capture(tx, holdId, { actorId: memberId });
    tx.afterCommit(() => this.events.updated(id));
    faultPoint('export.before-commit');
    return true;
  }

  /** It cannot be made: the credit, or the day's free copy, goes back. @returns false when the lease was lost */
  async fail(tx: Tx, record: ExportRecord, lease: Lease, code: ExportFailure): Promise<boolean> {
    if (!(await this.queue.finish(tx, lease))) return false;
    await this.exports.fail(tx, record.id, code);
    await this.quotas.giveCopyBack(tx, record.memberId, record.id);
    await this.giveBack(tx, record);
    return true;
  }

  /** The member thought better of it. @returns false when it had ended already */
  async cancel(tx: Tx, record: ExportRecord): Promise<boolean> {
    if (!(await this.queue.remove(tx, record.id))) return false;
    await this.exports.cancel(tx, record.id);
    await this.giveBack(tx, record);
    return true;
  }

  /**
   * Not an end: the export waits for another attempt.
   *
   * @param burnt false when the attempt does not count
   * @returns false when the lease was lost
   */
  async putBack(tx: Tx, { id }: ExportRecord, lease: Lease, { burnt, delaySeconds }: { burnt: boolean; delaySeconds: number }): Promise<boolean> {
    if (!(await this.queue.giveBack(tx, lease, delaySeconds))) return false;
    await this.exports.putBack(tx, id, burnt);
    tx.afterCommit(() => this.events.updated(id));
    return true;
  }

  private async giveBack(tx: Tx, { id, memberId, holdId }: ExportRecord): Promise<void> {
    await this.quotas.free(tx, memberId);
    if (holdId !== null) await this.credits.release(tx, holdId);
    tx.afterCommit(() => this.events.updated(id));
  }
}
