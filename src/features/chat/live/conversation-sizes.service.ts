import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../../../platform/database/database.js';
import { AudienceRepository } from './audience.repository.js';

const MOST_KNOWN = 50_000;
const KNOWN_FOR_MS = 10_000;

/** How many members conversations have, give or take those of the last 10 s: for what a large one is spared. */
@Injectable()
export class ConversationSizes {
  private readonly sizes = new LRUCache<string, number>({ max: MOST_KNOWN, ttl: KNOWN_FOR_MS });

  constructor(
    private readonly database: Database,
    private readonly audience: AudienceRepository,
  ) {}

  /** Those of these conversations that have at most so many members. */
  async upTo(most: number, conversationIds: Iterable<string>): Promise<Set<string>> {
    const ids = [...new Set(conversationIds)];
    const unknown = ids.filter((id) => !this.sizes.has(id));
    if (unknown.length > 0) {
      const counted = await this.audience.countMembers(this.database, unknown);
      for (const id of unknown) this.sizes.set(id, counted.get(id) ?? 0);
    }
    return new Set(ids.filter((id) => (this.sizes.get(id) ?? 0) <= most));
  }
}
