import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { newId } from '../../platform/database/columns.js';
import type { Tx } from '../../platform/database/transactions.js';
import { CreditsService } from '../credits/index.js';
import { ExportQueueRepository } from './export-queue.repository.js';
import { ExportQuotas } from './export-quotas.service.js';
import { ExportSources } from './export-sources.service.js';
import { ExportRepository } from './export.repository.js';
import { sourceForbidden, unknownSource } from './exports.errors.js';
import { completeOrder, fingerprint, HOLD_SECONDS, type RawOrder } from './exports.rules.js';
import { EVERYTHING, type ExportRecord, type ExportSource } from './exports.types.js';
import { ExportsWorker } from './exports.worker.js';

/** What an export costs, in credits. The copy of everything is free. */
const PRICE = 1;

/** Takes orders for exports. */
@Injectable()
export class ExportOrders {
  constructor(
    private readonly available: ExportSources,
    private readonly exports: ExportRepository,
    private readonly queue: ExportQueueRepository,
    private readonly quotas: ExportQuotas,
    private readonly credits: CreditsService,
    private readonly worker: ExportsWorker,
  ) {}

  /** What this actor may order. */
  sources(actor: Actor): ExportSource[] {
    return this.available.list(actor.permissions);
  }

  /**
   * Takes an order and sets one credit aside for it, or counts it as one of the day's free copies of
   * everything. The same order already under way is answered with that export and costs nothing.
   *
   * @throws unknownSource, sourceForbidden, unknownFormat, unknownColumn, unknownFilter, requestInvalid
   * @throws quotaExceeded, insufficientCredits
   */
  async order(tx: Tx, actor: Actor, raw: RawOrder): Promise<{ record: ExportRecord; isNew: boolean }> {
    const source = this.available.find(raw.source);
    if (!source) throw unknownSource();
    if (!source.mayRead(actor.permissions)) throw sourceForbidden();
    const order = completeOrder(raw, source, actor.permissions);
    const id = newId();
    // Twins meet here, and not on the unique key: when the first is refused there, those that wait deadlock over its place.
    await this.quotas.lock(tx, actor.memberId);
    const twins = fingerprint(order);
    const underWay = (await this.exports.findUnderWay(tx, actor.memberId, twins)) ?? (await this.exports.insert(tx, id, actor.memberId, order, twins));
    if (underWay === id) await this.accept(tx, id, actor.memberId, source);
    return { record: await this.exports.get(tx, underWay), isNew: underWay === id };
  }

  private async accept(tx: Tx, id: string, memberId: string, { name }: ExportSource): Promise<void> {
    await this.queue.enqueue(tx, id);
    if (name === EVERYTHING) await this.exports.setCopyDay(tx, id, await this.quotas.take(tx, memberId, 'copies'));
    else await this.charge(tx, id, memberId);
    tx.afterCommit(() => this.worker.wake());
  }

  private async charge(tx: Tx, id: string, memberId: string): Promise<void> {
    await this.quotas.take(tx, memberId, 'started');
    const hold = await this.credits.hold(
      tx, { kind: 'member', id: memberId }, { amount: PRICE, holdSeconds: HOLD_SECONDS, refType: 'export', refId: id },
    );
    await this.exports.setHold(tx, id, hold.id);
  }
}
