import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { Transactions } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { ExportSources } from './export-sources.service.js';
import { ExportSweep } from './export-sweep.service.js';
import { ExportTransitions } from './export-transitions.service.js';
import { ExportRepository } from './export.repository.js';
import { notReady, sourceForbidden } from './exports.errors.js';
import type { ExportRecord } from './exports.types.js';

const LIST = 'exports';

/** A member's exports once ordered: looking, cancelling, removing. Another member's export is none. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly exports: ExportRepository,
    private readonly sources: ExportSources,
    private readonly transitions: ExportTransitions,
    private readonly sweep: ExportSweep,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Newest first.
   *
   * @throws requestInvalid for a cursor that is not ours
   */
  async list(memberId: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<ExportRecord>> {
    const [beforeId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    const found = await this.exports.list(memberId, { beforeId, limit: limit + 1 });
    return this.cursors.page(LIST, found, limit, ({ id }) => [id]);
  }

  /** @throws notFound */
  async get(memberId: string, id: string): Promise<ExportRecord> {
    const found = await this.exports.findOwn(memberId, id);
    if (!found) throw notFound();
    return found;
  }

  /**
   * Cancels an export that has not ended and gives the credit back; does nothing to one that has.
   *
   * @throws notFound; sourceForbidden
   */
  async cancel(actor: Actor, id: string): Promise<ExportRecord> {
    const record = await this.getToEnd(actor, id);
    await this.transactions.run((tx) => this.transitions.cancel(tx, record));
    return this.get(actor.memberId, id);
  }

  /**
   * Removes the file before its time. Nothing is paid back, and there is nothing to do where none is left.
   *
   * @throws notFound; sourceForbidden; notReady while the export is under way: cancel it instead
   */
  async remove(actor: Actor, id: string): Promise<void> {
    const record = await this.getToEnd(actor, id);
    if (record.state === 'queued' || record.state === 'running') throw notReady({ state: record.state });
    if (record.storageKey !== null) await this.sweep.expire(id, record.storageKey, { onlyDue: false });
  }

  /** An API token ends only what it could have: what its owner paid for elsewhere is none of its business. */
  private async getToEnd(actor: Actor, id: string): Promise<ExportRecord> {
    const record = await this.get(actor.memberId, id);
    if (actor.apiTokenId !== undefined && !this.sources.mayHave(record, actor)) throw sourceForbidden();
    return record;
  }
}
