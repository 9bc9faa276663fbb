import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { MemeReport } from '../entities/meme-report.js';
import type { Meme } from '../entities/meme.js';
import { MemeChanges } from '../meme-changes.service.js';
import { kindsFor } from '../meme-kinds.rules.js';
import { isKnownTo, isToWait } from './making.rules.js';
import { MemeMakingRepository } from './meme-making.repository.js';
import { MemeReportRepository } from './meme-report.repository.js';

const LIST = 'memes.reported';

/** A meme that waits for a moderator, with what was said of it, newest first. */
export interface ReportedMeme {
  readonly meme: Meme;
  readonly reports: readonly MemeReport[];
}

/** What members object to. */
@Injectable()
export class MemeReports {
  constructor(
    private readonly transactions: Transactions,
    private readonly memes: MemeMakingRepository,
    private readonly reports: MemeReportRepository,
    private readonly changes: MemeChanges,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Objects to a meme; the member's first report stays as it is until it is decided about. With the third one the
   * meme is shown no more, until a moderator decides; but for one that a moderator has rated.
   *
   * @throws notFound unless the meme is shown to this actor, or was when they reported it
   */
  async report(actor: Actor, id: string, reason: string): Promise<MemeReport> {
    return this.transactions.run(async (tx) => {
      const meme = await this.memes.lock(tx, id);
      if (meme === undefined || !isKnownTo(actor, { ...meme, status: 'visible' })) throw notFound();
      const before = await this.reports.find(tx, id, actor.memberId);
      if (before) return before;
      if (meme.status !== 'visible') throw notFound();
      // Written by every report: of two at once the later one counts the other, on every node of a cluster too.
      const seq = await this.changes.number(tx);
      await this.reports.insert(tx, id, actor.memberId, reason);
      if (isToWait(meme, await this.reports.count(tx, id))) await this.memes.update(tx, seq, id, { status: 'pending' });
      return (await this.reports.find(tx, id, actor.memberId))!;
    });
  }

  /**
   * What is pending or reported and not decided about, of the kinds that exist for this actor, the newest report first.
   *
   * @throws requestInvalid for a cursor that is not ours
   */
  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<ReportedMeme>> {
    const [since, id] = this.cursors.decode<[number, string]>(LIST, cursor) ?? [];
    const after = since !== undefined && id !== undefined ? { waitingSince: new Date(since), id } : undefined;
    const found = await this.memes.listWaiting(kindsFor(actor.permissions), { after, limit: limit + 1 });
    const { items, nextCursor } = this.cursors.page(LIST, found, limit, ({ meme, waitingSince }) => [waitingSince.getTime(), meme.id]);
    const reports = await this.reports.list(items.map(({ meme }) => meme.id));
    return { items: items.map(({ meme }) => ({ meme, reports: reports.filter(({ memeId }) => memeId === meme.id) })), nextCursor };
  }
}
