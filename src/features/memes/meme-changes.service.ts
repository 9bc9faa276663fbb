import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import { MemeFeedRepository } from './meme-feed.repository.js';

/**
 * Numbers the changes of memes. Numbers become visible in their order, so a reader who asks for what is
 * after the last one it saw misses nothing; and who holds a number is alone with the table until the commit.
 */
@Injectable()
export class MemeChanges {
  private readonly listeners: (() => Promise<void>)[] = [];

  constructor(private readonly feed: MemeFeedRepository) {}

  /** The number for everything that this transaction changes; whoever listens in this process is told, and waited for, after the commit. */
  async number(tx: Tx): Promise<number> {
    const seq = await this.feed.next(tx);
    tx.afterCommit(async () => {
      await Promise.all(this.listeners.map((listener) => listener()));
    });
    return seq;
  }

  /** @param listener whose failure is logged: the change is committed already */
  onChange(listener: () => Promise<void>): void {
    this.listeners.push(listener);
  }
}
