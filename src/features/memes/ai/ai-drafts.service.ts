import { Injectable, Logger } from '@nestjs/common';
import type { Meme } from '../entities/meme.js';
import { captionOf } from '../making/making.rules.js';
import { aiFailed } from '../memes.errors.js';
import { PlaceNames } from '../places/place-names.service.js';
import { BLANK } from '../rendering/plain-background.rules.js';
import { CaptionWriter } from './caption-writer.js';
import { CommunityCaptions } from './community-captions.service.js';
import { WordList } from './word-list.service.js';

/** A meme that is written and not stored yet. */
export type AiDraft = Pick<Meme, 'upper' | 'lower' | 'caption' | 'template' | 'lat' | 'lon'> & { readonly generatedBy: string };

/** Has captions written, and makes of them what a meme needs. */
@Injectable()
export class AiDrafts {
  private readonly logger = new Logger(AiDrafts.name);
  /** How long a writer may take; tests do not wait for it. */
  timeoutMs = 10_000;

  constructor(
    private readonly writer: CaptionWriter,
    private readonly wordList: WordList,
    private readonly captions: CommunityCaptions,
    private readonly places: PlaceNames,
  ) {}

  /** @throws aiFailed whatever went wrong, and also for a caption that the word list does not allow */
  async write(prompt: string): Promise<AiDraft> {
    try {
      const { upper, lower } = await this.writer.write(prompt, AbortSignal.timeout(this.timeoutMs));
      const caption = captionOf(upper, lower);
      if ((await this.wordList.coarse())(caption)) throw new Error('the caption has coarse words');
      const template = (await this.captions.templateFor(`${caption} ${prompt}`)) ?? BLANK;
      const { lat, lon } = (await this.places.find(caption)) ?? { lat: null, lon: null };
      return { upper, lower, caption, template, lat, lon, generatedBy: this.writer.name };
    } catch (error) {
      this.logger.warn(`${this.writer.name} wrote no caption: ${reasonOf(error)}`);
      throw aiFailed();
    }
  }
}

/** An endpoint's own message stays out of the log: it may quote the prompt, or the key. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('status' in error) return `${error.constructor.name}, status ${String(error.status)}`;
  return error.constructor === Error ? error.message : error.constructor.name;
}
