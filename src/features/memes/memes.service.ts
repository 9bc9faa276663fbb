import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import type { Meme, MemeKind } from './entities/meme.js';
import { MemeRepository } from './meme.repository.js';
import { kindsFor, readableKinds, words } from './meme-query.rules.js';

const LIST = 'memes';

/** What a member asks to see; checked, and with its defaults. */
export interface MemeListing {
  readonly query?: string;
  readonly template?: string;
  readonly kind?: MemeKind;
  readonly limit: number;
  readonly cursor?: string;
}

/** Looks memes up. What an actor must not know of does not exist: not in lists, not by id. */
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
    const [beforeId] = this.cursors.decode<[string]>(LIST, listing.cursor) ?? [];
    const filter = { kinds: readableKinds(actor.permissions, listing.kind), words: words(listing.query ?? ''), template: listing.template };
    const found = await this.memes.list(filter, { beforeId, limit: limit + 1 });
    return this.cursors.page(LIST, found, limit, ({ id }) => [id]);
  }

  /** @throws notFound also for a meme that this actor must not know of */
  async get(actor: Actor, id: string): Promise<Meme> {
    const meme = await this.memes.find({ kinds: kindsFor(actor.permissions) }, id);
    if (meme === undefined) throw notFound();
    return meme;
  }
}
