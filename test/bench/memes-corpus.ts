import path from 'node:path';
import { openMemeFile, readMemeFile } from '../../src/features/memes/importing/meme-file.reader.js';
import type { MemeFields } from '../../src/features/memes/importing/meme-file.rules.js';
import { tokensOf } from '../../src/features/memes/search/text.rules.js';
import { seededChance } from '../support/seeded-chance.js';

const SAMPLE = path.join(import.meta.dirname, '../../src/features/memes/importing/memes.sample.tsv');

/** As many memes as the Library of Congress publishes. */
export const MEMES = 56_000;

/** The rows of an import file (`BENCH_MEMES`, otherwise the sample), over and over until there are {@link MEMES}. */
export async function memeCorpus(): Promise<MemeFields[]> {
  const rows: MemeFields[] = [];
  const { source } = await openMemeFile(process.env['BENCH_MEMES'] ?? SAMPLE);
  for await (const row of readMemeFile(source)) if ('meme' in row) rows.push(row.meme);
  return Array.from({ length: MEMES }, (_, number) => rows[number % rows.length]!);
}

interface QueryMix {
  readonly count: number;
  readonly seed: number;
  /** `half`: one letter of every second query is wrong. `each`: one of every word. */
  readonly typos: 'half' | 'each';
}

/** Queries of one and of two words that stand together in a caption. */
export function* queriesOf(corpus: readonly { readonly caption: string }[], { count, seed, typos }: QueryMix): Generator<string> {
  const chance = seededChance(seed);
  const below = (limit: number) => Math.floor(chance() * limit);
  for (let made = 0; made < count; ) {
    const words = tokensOf(corpus[below(corpus.length)]!.caption).map(({ word }) => word);
    const at = below(words.length);
    const query = words.slice(at, at + 1 + (made % 2));
    if (query.length !== 1 + (made % 2)) continue;
    const wrong = typos === 'each' ? query.keys() : made % 4 < 2 ? [below(query.length)] : [];
    for (const place of wrong) query[place] = mistyped(query[place]!, below);
    made += 1;
    yield query.join(' ');
  }
}

/** A letter left out, doubled, hit beside, or swapped with the next. */
function mistyped(word: string, below: (limit: number) => number): string {
  const letters = [...word];
  const at = below(letters.length);
  const slips = [[], [letters[at]!, letters[at]!], ['abcdefghijklmnopqrstuvwxyz'[below(26)]!]];
  const slip = below(4);
  if (slip === 3) letters.splice(at, 2, ...letters.slice(at, at + 2).reverse());
  else letters.splice(at, 1, ...slips[slip]!);
  return letters.length === 0 ? word : letters.join('');
}
