import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../../../platform/database/database.js';
import { PollRepository } from '../poll.repository.js';
import type { BallotBox } from './casting.types.js';

const KEPT_POLLS = 1_000;
/** For as long a candidate who has withdrawn may still be named on a ballot, which does no harm. */
const KEPT_MS = 2_000;

/**
 * The polls that are voted in, in memory: in a spike nobody asks the database for the same poll again and again.
 * What a ballot is checked by is fixed once a poll is open. Whether it is open is never decided by what is kept here,
 * but by the guard, which also tells whether the poll has been edited since.
 */
@Injectable()
export class BallotBoxes {
  private readonly kept = new LRUCache<string, BallotBox>({ max: KEPT_POLLS, ttl: KEPT_MS });
  private readonly loading = new Map<string, Promise<BallotBox | undefined>>();

  constructor(
    private readonly database: Database,
    private readonly polls: PollRepository,
  ) {}

  /** At once where it is known; undefined when there is no such poll. */
  get(pollId: string): BallotBox | Promise<BallotBox | undefined> {
    return this.kept.get(pollId) ?? this.loading.get(pollId) ?? this.load(pollId);
  }

  private load(pollId: string): Promise<BallotBox | undefined> {
    const loading = this.read(pollId).finally(() => this.loading.delete(pollId));
    this.loading.set(pollId, loading);
    return loading;
  }

  private async read(pollId: string): Promise<BallotBox | undefined> {
    const poll = await this.polls.find(this.database, pollId);
    if (poll === undefined) return undefined;
    const electors = new Set(poll.electorate === 'list' ? await this.polls.electors(this.database, pollId) : []);
    const box = { poll, electors, voterSecret: (await this.polls.secrets(this.database, pollId)).voterSecret };
    // A draft may still become another poll before it opens.
    if (poll.state !== 'draft') this.kept.set(pollId, box);
    return box;
  }
}
