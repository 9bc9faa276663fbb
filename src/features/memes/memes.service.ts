import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import type { Meme, MemeKind } from './entities/meme.js';
import { MemeRepository } from './meme.repository.js';
import { words } from './meme-query.rules.js';

export interface MemeListing {
  readonly query?: string;
  readonly template?: string;
  readonly kind?: MemeKind;
  readonly limit: number;
  readonly cursor?: string;
}

@Injectable()
export class MemesService {
  constructor(
    private readonly memes: MemeRepository,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Visible memes, newest first.
   *
   * @throws requestInvalid for a cursor that is not ours
   */
  async list(actor: Actor, listing: MemeListing): Promise<Page<Meme>> {
    const { limit } = listing;
    const beforeId = listing.cursor === undefined ? undefined : String(this.cursors.decode(listing.cursor, 1)[0]);
    const filter = { kinds: this.kinds(actor, listing.kind), words: words(listing.query ?? ''), template: listing.template };
    const found = await this.memes.list(filter, { beforeId, limit: limit + 1 });
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? this.cursors.encode([items.at(-1)!.id]) : null };
  }

  /** @throws notFound also for a meme that this actor must not know of */
  async get(actor: Actor, id: string): Promise<Meme> {
    const meme = await this.memes.find({ kinds: this.kinds(actor) }, id);
    if (meme === undefined) throw notFound();
    return meme;
  }

  /** Without the entitlement, memes of kind ai do not exist. */
  private kinds(actor: Actor, wanted?: MemeKind): MemeKind[] {
    const readable: MemeKind[] = actor.permissions.has(Permission.MemesAi) ? ['normal', 'ai'] : ['normal'];
    return wanted === undefined ? readable : readable.filter((kind) => kind === wanted);
  }
}
