import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { newId } from '../../platform/database/columns.js';
import type { Tx } from '../../platform/database/transactions.js';
import type { Dataset } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { CreditsService } from '../credits/index.js';
import { ExportQueueRepository } from './export-queue.repository.js';
import { ExportQuotas } from './export-quotas.service.js';
import { ExportRepository } from './export.repository.js';
import { sourceForbidden, unknownSource } from './exports.errors.js';
import { completeOrder, fingerprint, HOLD_SECONDS, type RawOrder } from './exports.rules.js';
import type { ExportRecord } from './exports.types.js';
import { ExportsWorker } from './exports.worker.js';

/** What an export costs, in credits. */
const PRICE = 1;

/** Takes orders for exports. */
@Injectable()
export class ExportOrders {
  constructor(
    private readonly datasets: Datasets,
    private readonly exports: ExportRepository,
    private readonly queue: ExportQueueRepository,
    private readonly quotas: ExportQuotas,
    private readonly credits: CreditsService,
    private readonly worker: ExportsWorker,
  ) {}

  /** The datasets that this actor may export. */
  sources(actor: Actor): Dataset[] {
    return this.datasets.list().filter((dataset) => dataset.mayRead(actor.permissions));
  }

  /**
   * Takes an order and sets one credit aside for it. The same order already under way is answered with
   * that export and costs nothing.
   *
   * @throws unknownSource, sourceForbidden, unknownFormat, unknownColumn, unknownFilter, requestInvalid
   * @throws quotaExceeded, insufficientCredits
   */
  async order(tx: Tx, actor: Actor, raw: RawOrder): Promise<{ record: ExportRecord; isNew: boolean }> {
    const dataset = this.datasets.find(raw.source);
    if (!dataset) throw unknownSource();
    if (!dataset.mayRead(actor.permissions)) throw sourceForbidden();
    const order = completeOrder(raw, dataset, actor.permissions);
    const id = newId();
    // The insert comes first: twins meet on its unique key before they hold anything that the other needs.
    const underWay = await this.exports.insert(tx, id, actor.memberId, order, fingerprint(order));
    if (underWay === id) await this.charge(tx, id, actor.memberId);
    return { record: await this.exports.get(tx, underWay), isNew: underWay === id };
  }

  private async charge(tx: Tx, id: string, memberId: string): Promise<void> {
    await this.queue.enqueue(tx, id);
    await this.quotas.take(tx, memberId);
    const hold = await this.credits.hold(
      tx, { kind: 'member', id: memberId }, { amount: PRICE, holdSeconds: HOLD_SECONDS, refType: 'export', refId: id },
    );
    await this.exports.setHold(tx, id, hold.id);
    tx.afterCommit(() => this.worker.wake());
  }
}
