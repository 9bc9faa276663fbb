import { Injectable } from '@nestjs/common';
import type { CataloguedMeme } from '../catalogue/catalogued-meme.js';
import { MemeCatalogue } from '../catalogue/meme-catalogue.service.js';
import { Search } from '../search/search.js';
import { tokensOf } from '../search/text.rules.js';

/** Words of a text that are looked for: those that say most are the long ones. */
const WORDS = 8;
/** Memes about a text that are answered at most: more take longer to learn, and say less of it. */
const MOST = 100;
/** With fewer there is little to say. */
const FEW = 40;

/**
 * The community's own memes that a new one may be made of: as visible at this moment, and never one that was
 * generated, so that nothing of those gets to whom they do not exist, and no caption is learnt from itself.
 */
@Injectable()
export class CommunityCaptions {
  private readonly search = new Search<CataloguedMeme>();

  constructor(private readonly catalogue: MemeCatalogue) {}

  /** Memes that have words of the text, best first, and where those are few, the newest too. */
  async about(text: string): Promise<CataloguedMeme[]> {
    await this.catalogue.whenLoaded(() => undefined);
    const near = this.find(text, MOST);
    if (near.length >= FEW) return near;
    const known = new Set(near);
    return [...near, ...this.find(undefined, FEW).filter((meme) => !known.has(meme))];
  }

  /** The template of the meme that is most like this text; undefined when none has anything of it. */
  async templateFor(text: string): Promise<string | undefined> {
    await this.catalogue.whenLoaded(() => undefined);
    return this.find(text, 1)[0]?.template;
  }

  private find(text: string | undefined, limit: number): CataloguedMeme[] {
    const words = text === undefined ? undefined : telling(text);
    if (words === '') return [];
    const partitions = this.catalogue.of(['normal']).map(({ index }) => index);
    return this.search.search(partitions, { query: words, fuzzy: false, sort: words === undefined ? 'new' : 'relevance', limit }).hits.map(({ doc }) => doc);
  }
}

function telling(text: string): string {
  const words = [...new Set(tokensOf(text).map(({ word }) => word))];
  return words.sort((a, b) => b.length - a.length).slice(0, WORDS).join(' ');
}
