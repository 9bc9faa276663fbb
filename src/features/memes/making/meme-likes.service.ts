import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { Meme } from '../entities/meme.js';
import { MemeChanges } from '../meme-changes.service.js';
import { isKnownTo } from './making.rules.js';
import { MemeLikeRepository } from './meme-like.repository.js';
import { MemeMakingRepository } from './meme-making.repository.js';
import { trendOf, withLike } from './trending.rules.js';

/** Whether the member likes the meme now, and how many do. */
export interface LikeState {
  readonly liked: boolean;
  readonly likes: number;
}

/** Members like what they see, once each. The count and the trend of a meme move with the rows of its likes, in one transaction. */
@Injectable()
export class MemeLikes {
  constructor(
    private readonly transactions: Transactions,
    private readonly memes: MemeMakingRepository,
    private readonly likes: MemeLikeRepository,
    private readonly changes: MemeChanges,
  ) {}

  /** Likes a meme; liking it already changes nothing. @throws notFound unless it is shown to this actor */
  async like(actor: Actor, id: string): Promise<LikeState> {
    return this.transactions.run(async (tx) => {
      const { likes, trend } = await this.shown(tx, actor, id);
      const at = await this.likes.insert(tx, id, actor.memberId);
      if (at === undefined) return { liked: true, likes };
      await this.memes.updateLikes(tx, await this.changes.number(tx), id, { more: 1, trend: withLike(trend, at) });
      return { liked: true, likes: likes + 1 };
    });
  }

  /** Takes the like back, if there is one. @throws notFound unless the meme is shown to this actor */
  async unlike(actor: Actor, id: string): Promise<LikeState> {
    return this.transactions.run(async (tx) => {
      const { likes } = await this.shown(tx, actor, id);
      if (!(await this.likes.delete(tx, id, actor.memberId))) return { liked: false, likes };
      const trend = trendOf(await this.likes.listTimes(tx, id));
      await this.memes.updateLikes(tx, await this.changes.number(tx), id, { more: -1, trend });
      return { liked: false, likes: likes - 1 };
    });
  }

  private async shown(tx: Tx, actor: Actor, id: string): Promise<Meme> {
    const meme = await this.memes.lock(tx, id);
    if (meme?.status !== 'visible' || !isKnownTo(actor, meme)) throw notFound();
    return meme;
  }
}
