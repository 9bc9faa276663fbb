import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import type { Actor } from '../../../platform/auth/actor.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { forbidden, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import type { Meme } from '../entities/meme.js';
import { MemeChanges } from '../meme-changes.service.js';
import { changesOf, hasWords, isCaptionKept, isKnownTo, isModeration, mayChange, mayEdit, outdatesRating, type MemeEdit } from './making.rules.js';
import { MemeLikeRepository } from './meme-like.repository.js';
import { MemeMakingRepository } from './meme-making.repository.js';
import { MemeReportRepository } from './meme-report.repository.js';

/** What becomes of a meme afterwards: by who made it, or by moderators, whose acts are in the audit log. */
@Injectable()
export class MemeEdits {
  constructor(
    private readonly transactions: Transactions,
    private readonly memes: MemeMakingRepository,
    private readonly likes: MemeLikeRepository,
    private readonly reports: MemeReportRepository,
    private readonly changes: MemeChanges,
    private readonly audit: Audit,
  ) {}

  /**
   * Changes a meme. Saying whether it is shown is a decision about what was reported: those reports count no more.
   * With other words by who made it a meme is unrated again.
   *
   * @throws notFound also for another's; forbidden when a maker would moderate; requestInvalid when nothing would be left to find it by, or more
   *   words than are kept
   */
  async edit(actor: Actor, id: string, edit: MemeEdit): Promise<Meme> {
    return this.transactions.run(async (tx) => {
      const meme = await this.known(tx, actor, id);
      if (!mayChange(actor, meme)) throw notFound();
      if (!mayEdit(actor, meme, edit)) throw forbidden();
      const changed = changesOf(meme, edit);
      const change = outdatesRating(actor, meme, changed) ? { ...changed, rating: 'unrated' as const } : changed;
      const after = { ...meme, ...change };
      const fields = Object.keys(change);
      if (fields.length > 0 && !hasWords(after) && hasWords(meme)) throw requestInvalid({ errors: [{ path: 'upper', message: 'leave at least one of upper, lower and tags' }] });
      if (!isCaptionKept(after)) throw requestInvalid({ errors: [{ path: 'upper', message: 'upper and lower must have at most 2000 characters together' }] });
      const dismissed = edit.status === undefined || edit.status === 'pending' ? 0 : await this.reports.deleteAllOf(tx, id);
      if (fields.length === 0 && dismissed === 0) return meme;
      if (fields.length > 0) await this.memes.update(tx, await this.changes.number(tx), id, change);
      if (isModeration(actor, meme, edit)) await this.record(tx, actor, 'meme.moderated', meme, { fields: fields.sort(), dismissedReports: dismissed, ...shift(meme, after) });
      return after;
    });
  }

  /** Takes a meme away for good, with its likes and reports. @throws notFound also for another's */
  async delete(actor: Actor, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const meme = await this.known(tx, actor, id);
      if (!mayChange(actor, meme)) throw notFound();
      await this.likes.deleteAllOf(tx, id);
      await this.reports.deleteAllOf(tx, id);
      await this.memes.bury(tx, await this.changes.number(tx), id);
      if (isModeration(actor, meme)) await this.record(tx, actor, 'meme.deleted', meme, { createdBy: meme.createdBy });
    });
  }

  private async known(tx: Tx, actor: Actor, id: string): Promise<Meme> {
    const meme = await this.memes.lock(tx, id);
    if (meme === undefined || !isKnownTo(actor, meme)) throw notFound();
    return meme;
  }

  /** Without the texts: who reads the log need not be entitled to every kind of meme. */
  private record(tx: Tx, actor: Actor, action: string, meme: Meme, details: Record<string, unknown>): Promise<void> {
    return this.audit.record(tx, { actorId: actor.memberId, action, subjectType: 'meme', subjectId: meme.id, details });
  }
}

/** From what to what the fields went that are a moderator's alone. */
function shift(before: Meme, after: Meme): Record<string, unknown> {
  const changed = (['status', 'rating'] as const).filter((field) => before[field] !== after[field]);
  return Object.fromEntries(changed.map((field) => [field, { before: before[field], after: after[field] }]));
}
