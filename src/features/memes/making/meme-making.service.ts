import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { newId } from '../../../platform/database/columns.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import type { Meme } from '../entities/meme.js';
import { MemeChanges } from '../meme-changes.service.js';
import { MemeRepository } from '../meme.repository.js';
import { memeDuplicate } from '../memes.errors.js';
import { PlaceNames } from '../places/place-names.service.js';
import { renderPath } from '../rendering/render-text.rules.js';
import { captionOf, hasWords, isKnownTo, templateOf } from './making.rules.js';
import { MemeMakingRepository } from './meme-making.repository.js';
import { MemePictures, type MemePicture } from './meme-pictures.service.js';
import { NEAR_BITS } from './picture-hash.rules.js';

/** What somebody wants on their picture. */
export interface MemeOrder {
  readonly fileId: string;
  readonly upper: string;
  readonly lower: string;
  readonly tags?: string[];
  /** With lon, or neither: then the place is looked for in the words. */
  readonly lat?: number;
  readonly lon?: number;
  /** The file's name when nobody says. */
  readonly template?: string;
  readonly language?: string;
}

type Place = Pick<Meme, 'lat' | 'lon'>;

/** Makes memes out of members' uploads. */
@Injectable()
export class MemeMaking {
  constructor(
    private readonly pictures: MemePictures,
    private readonly places: PlaceNames,
    private readonly idempotency: Idempotency,
    private readonly changes: MemeChanges,
    private readonly memes: MemeRepository,
    private readonly making: MemeMakingRepository,
  ) {}

  /**
   * A new meme, which the next search of this process finds. No two of the same look: creations follow one another,
   * as each holds the number of its change while it looks for others.
   *
   * @throws requestInvalid when there is nothing to find it by; notFound, fileNotReady, fileDeleted, fileExpired,
   *   fileNoImage; memeDuplicate, which does not name a meme that is hidden from this actor
   */
  async make(actor: Actor, order: MemeOrder, key: IdempotencyRequest, answer: (meme: Meme) => Answer): Promise<Answer> {
    if (!hasWords({ tags: [], ...order })) throw requestInvalid({ errors: [{ path: 'upper', message: 'give at least one of upper, lower and tags' }] });
    const place = await this.placeOf(order);
    const picture = this.pictures.look(actor.memberId, order.fileId);
    // A file that cannot be used is refused under the key: what was answered before is answered again, whatever became of the file.
    await Promise.allSettled([picture]);
    return this.idempotency.run(key, async (tx) => this.insert(tx, actor, { ...order, ...place }, await picture), answer);
  }

  private async insert(tx: Tx, actor: Actor, order: Omit<MemeOrder, keyof Place> & Place, { fileName, hash }: MemePicture): Promise<Meme> {
    const { fileId, upper, lower, tags = [], lat, lon, template = templateOf(fileName), language = null } = order;
    const seq = await this.changes.number(tx);
    const lookalikes = await this.making.listLookalikes(tx, hash, NEAR_BITS);
    if (lookalikes.length > 0) {
      const known = lookalikes.find((meme) => isKnownTo(actor, meme));
      throw memeDuplicate(known && { originalId: known.id });
    }
    const id = newId();
    const imageUrl = renderPath({ template: id, upper, lower, ext: 'webp' });
    await this.memes.insert(tx, seq, {
      id, template, caption: captionOf(upper, lower), upper, lower, language, imageUrl, fileId, lat, lon, tags, kind: 'normal', createdBy: actor.memberId, pictureHash: hash,
    });
    return this.memes.get(tx, id);
  }

  private async placeOf({ lat, lon, upper, lower }: MemeOrder): Promise<Place> {
    if (lat !== undefined && lon !== undefined) return { lat, lon };
    return (await this.places.find(captionOf(upper, lower))) ?? { lat: null, lon: null };
  }
}
