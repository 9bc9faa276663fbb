import type { Meme, MemeKind, MemeRating } from '../entities/meme.js';
import { headOf, type WrittenMeme } from './answer-text.rules.js';

/** A visible meme as the search index keeps it. Never changed: a meme that changed is another one. */
export class CataloguedMeme implements WrittenMeme {
  readonly id: string;
  readonly caption: string;
  readonly template: string;
  readonly imageUrl: string;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly likes: number;
  readonly kind: MemeKind;
  readonly upper: string;
  readonly lower: string;
  readonly tags: string[];
  readonly rating: MemeRating;
  readonly language: string | null;
  readonly createdAt: Date;
  readonly trend: number | null;
  /** With the id it names exactly this state of the meme. */
  readonly changeSeq: number;
  private written: Buffer | undefined;

  constructor(meme: Meme) {
    this.id = meme.id;
    this.caption = meme.caption;
    this.template = meme.template;
    this.imageUrl = meme.imageUrl;
    this.lat = meme.lat;
    this.lon = meme.lon;
    this.likes = meme.likes;
    this.kind = meme.kind;
    this.upper = meme.upper;
    this.lower = meme.lower;
    this.tags = meme.tags;
    this.rating = meme.rating;
    this.language = meme.language;
    this.createdAt = meme.createdAt;
    this.trend = meme.trend;
    this.changeSeq = meme.changeSeq;
  }

  /** Written when it is first shown: most memes never are. */
  get head(): Buffer {
    return (this.written ??= headOf(this));
  }
}
