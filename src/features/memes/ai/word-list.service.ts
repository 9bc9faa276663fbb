import { Injectable } from '@nestjs/common';

/** Words that no generated caption may have, also where they are spelled with digits, accents, or signs between their letters. */
@Injectable()
export class WordList {
  private matching: Promise<(text: string) => boolean> | undefined;

  /** Answers the check, made when it is first needed. */
  async coarse(): Promise<(text: string) => boolean> {
    this.matching ??= compile();
    return this.matching;
  }
}

async function compile(): Promise<(text: string) => boolean> {
  const { RegExpMatcher, englishDataset, englishRecommendedTransformers } = await import('obscenity');
  const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
  return (text) => matcher.hasMatch(text) || matcher.hasMatch(drawnTogether(text));
}

/** Letters that stand alone become a word, and what cannot be seen or only decorates is gone: the library looks into plain words only. */
function drawnTogether(text: string): string {
  return text.normalize('NFKD').replace(/[\p{M}\p{Cf}]/gu, '').replace(/(?<![\p{L}\p{N}])(\p{L})[^\p{L}\p{N}]+(?=\p{L}(?![\p{L}\p{N}]))/gu, '$1');
}
