import { distance } from 'geokdbush';
import type { Highlight, SearchDocument, SearchRequest, Suggestion, TemplateCount } from '../../src/features/memes/search/search.types.js';
import { foldName, queryTerms, tokensOf } from '../../src/features/memes/search/text.rules.js';

/**
 * The search as its rules are written down, without any index: every word of every document is looked at,
 * everything found is sorted whole. What the index answers must be the same, hit by hit.
 */

export interface NaiveHit<Doc extends SearchDocument> {
  readonly doc: Doc;
  readonly distanceKm?: number;
  readonly highlights: readonly Highlight[];
}

export interface NaiveList<Doc extends SearchDocument> {
  /** All of them: pages are slices. */
  readonly hits: readonly NaiveHit<Doc>[];
  readonly corrected?: string;
  readonly widened: boolean;
}

/** One word of a document, and where it stands. Fields: caption 0, template 1, tags 2. */
interface Occurrence {
  readonly word: string;
  readonly field: number;
  readonly position: number;
  readonly start: number;
  readonly end: number;
}

/** What a term found in one document. */
interface Match {
  readonly typos: number;
  readonly prefix: number;
  readonly occurrences: readonly Occurrence[];
}

type Limits = (letters: number) => number;
type Ranked<Doc extends SearchDocument> = NaiveHit<Doc> & { readonly key: readonly number[] };

const EXACT: Limits = () => 0;
const NORMAL: Limits = (letters) => (letters <= 4 ? 0 : letters <= 8 ? 1 : 2);
const WIDENED: Limits = (letters) => (letters <= 2 ? 0 : letters <= 4 ? 1 : 2);
const FARTHEST_APART = 8;

/** Optimal string alignment distance over code points: the full matrix, as in a textbook. */
export function naiveDistance(from: string, to: string): number {
  const a = [...from];
  const b = [...to];
  const d = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 0; i <= a.length; i += 1) d[i]![0] = i;
  for (let j = 0; j <= b.length; j += 1) d[0]![j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      d[i]![j] = Math.min(d[i - 1]![j]! + 1, d[i]![j - 1]! + 1, d[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d[i]![j] = Math.min(d[i]![j]!, d[i - 2]![j - 2]! + 1);
    }
  }
  return d[a.length]![b.length]!;
}

/** Kilometres on a sphere of 6371 km by the haversine formula, independent of any library. */
export function naiveKilometres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const halfLat = Math.sin(radians(b.lat - a.lat) / 2);
  const halfLon = Math.sin(radians(b.lon - a.lon) / 2);
  const h = halfLat ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * halfLon ** 2;
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * Everything found, in order; `limit` and `after` of the request are not looked at. `widened` goes on in a
 * list that was begun so, whatever came since.
 */
export function naiveSearch<Doc extends SearchDocument>(partitions: readonly (readonly Doc[])[], request: SearchRequest, widened?: boolean): NaiveList<Doc> {
  if ((request.query ?? '').trim() === '') return { hits: partitions.flatMap((docs) => browse(docs, request)), widened: false };
  const terms = queryTerms(request.query!);
  const find = (limits: Limits) => partitions.flatMap((docs) => found(docs, request, terms, limits));
  if (!request.fuzzy) return { hits: find(EXACT), widened: false };
  const asked = widened === true ? [] : find(NORMAL);
  if (asked.length > 0 || widened === false) return { hits: asked, widened: false, ...correction(partitions.flat(), terms, NORMAL) };
  const hits = find(WIDENED);
  return { hits, widened: hits.length > 0, ...correction(partitions.flat(), terms, WIDENED) };
}

function browse<Doc extends SearchDocument>(docs: readonly Doc[], request: SearchRequest): NaiveHit<Doc>[] {
  const sort = request.sort !== 'relevance' ? request.sort : request.near ? 'distance' : 'new';
  return inOrder(docs.flatMap((doc) => passed(doc, { ...request, sort }, [], [])), sort);
}

function found<Doc extends SearchDocument>(docs: readonly Doc[], request: SearchRequest, terms: readonly string[], limits: Limits): NaiveHit<Doc>[] {
  const hits = docs.flatMap((doc) => {
    const matches = matchesOf(doc, terms, limits);
    return matches.length === 0 ? [] : passed(doc, request, relevanceOf(matches), highlightsOf(matches));
  });
  return inOrder(hits, request.sort);
}

/** The document as a hit, or nothing when a filter keeps it out. */
function passed<Doc extends SearchDocument>(doc: Doc, request: SearchRequest, relevance: readonly number[], highlights: readonly Highlight[]): Ranked<Doc>[] {
  const { near, radiusKm, template, rating, sort } = request;
  const km = near && doc.lat !== null && doc.lon !== null ? distance(near.lon, near.lat, doc.lon, doc.lat) : undefined;
  if (template !== undefined && foldName(doc.template) !== foldName(template)) return [];
  if (rating !== undefined && doc.rating !== rating) return [];
  if (radiusKm !== undefined && (km === undefined || km > radiusKm)) return [];
  if (sort === 'distance' && km === undefined) return [];
  const keys = { relevance: [...relevance, -doc.likes], distance: [km ?? 0], trending: [-(doc.trend ?? -Infinity)], new: [] };
  return [{ doc, ...(km === undefined ? {} : { distanceKm: km }), highlights, key: keys[sort] }];
}

function inOrder<Doc extends SearchDocument>(hits: readonly Ranked<Doc>[], sort: SearchRequest['sort']): NaiveHit<Doc>[] {
  const idsUp = sort === 'relevance' || sort === 'distance';
  const compare = (a: Ranked<Doc>, b: Ranked<Doc>) => {
    const at = a.key.findIndex((value, index) => value !== b.key[index]);
    if (at >= 0) return a.key[at]! - b.key[at]!;
    return a.doc.id < b.doc.id === idsUp ? -1 : 1;
  };
  return [...hits].sort(compare).map(({ key, ...hit }) => hit);
}

function occurrencesOf(doc: SearchDocument): Occurrence[] {
  const fields = [tokensOf(doc.caption), tokensOf(doc.template), doc.tags.flatMap((tag) => tokensOf(tag))];
  return fields.flatMap((tokens, field) => tokens.map((token, position) => ({ ...token, field, position })));
}

/** Of each term that the document has, in the order of the query: the best that it has. */
function matchesOf(doc: SearchDocument, terms: readonly string[], limits: Limits): Match[] {
  const occurrences = occurrencesOf(doc);
  return terms.flatMap((term, at) => {
    const levels = occurrences.flatMap((occurrence) => levelOf(term, occurrence.word, at === terms.length - 1, limits).map((level) => ({ ...level, occurrence })));
    const [best] = levels.toSorted((a, b) => a.typos - b.typos || a.prefix - b.prefix);
    if (best === undefined) return [];
    const { typos, prefix } = best;
    return [{ typos, prefix, occurrences: levels.filter((level) => level.typos === typos && level.prefix === prefix).map(({ occurrence }) => occurrence) }];
  });
}

function levelOf(term: string, word: string, isLast: boolean, limits: Limits): { typos: number; prefix: number }[] {
  if (word === term) return [{ typos: 0, prefix: 0 }];
  if (isLast && word.startsWith(term)) return [{ typos: 0, prefix: 1 }];
  const typos = naiveDistance(term, word);
  return typos <= limits([...term].length) ? [{ typos, prefix: 0 }] : [];
}

/** Smaller is better, the first difference decides: terms, typos, prefixes, proximity, field. */
function relevanceOf(matches: readonly Match[]): number[] {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return [
    -matches.length,
    sum(matches.map(({ typos }) => typos)),
    sum(matches.map(({ prefix }) => prefix)),
    sum(matches.slice(1).map((match, index) => apart(matches[index]!, match))),
    sum(matches.map(({ occurrences }) => Math.min(...occurrences.map(({ field }) => field)))),
  ];
}

function apart(a: Match, b: Match): number {
  const distances = a.occurrences.flatMap((p) => b.occurrences.filter((q) => q.field === p.field).map((q) => Math.abs(p.position - q.position)));
  return Math.min(FARTHEST_APART, ...distances);
}

function highlightsOf(matches: readonly Match[]): Highlight[] {
  return (['caption', 'template'] as const).flatMap((field, number) => {
    const spans = matches.flatMap(({ occurrences }) => occurrences.filter((occurrence) => occurrence.field === number));
    const ends = new Map(spans.map(({ start, end }) => [start, end]));
    return [...ends].sort(([a], [b]) => a - b).map(([start, end]) => ({ field, start, end }));
  });
}

/** Every word of the documents and in how many of them it is. */
function vocabularyOf(docs: readonly SearchDocument[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const doc of docs) {
    for (const word of new Set(occurrencesOf(doc).map((occurrence) => occurrence.word))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function correction(docs: readonly SearchDocument[], terms: readonly string[], limits: Limits): { corrected?: string } {
  const vocabulary = [...vocabularyOf(docs)].map(([word, memes]) => ({ word, memes }));
  const words = terms.map((term, at) => {
    const isLast = at === terms.length - 1;
    if (vocabulary.some(({ word }) => word === term || (isLast && word.startsWith(term)))) return term;
    const near = vocabulary.map((entry) => ({ ...entry, typos: naiveDistance(term, entry.word) })).filter(({ typos }) => typos <= limits([...term].length));
    return near.sort((a, b) => a.typos - b.typos || b.memes - a.memes || byCodeUnits(a.word, b.word))[0]?.word ?? term;
  });
  return words.every((word, at) => word === terms[at]) ? {} : { corrected: words.join(' ') };
}

/** Completions of the last word, and templates that begin with the text. */
export function naiveSuggest(partitions: readonly (readonly SearchDocument[])[], text: string, limit: number): Suggestion[] {
  const words = tokensOf(text).map(({ word }) => word);
  const last = words.at(-1);
  const templates = naiveTemplates(partitions);
  if (last === undefined) return templates.slice(0, limit).map(({ name, memes }) => ({ text: name, memes }));
  const vocabulary = [...vocabularyOf(partitions.flat())];
  const completed = (wanted: (word: string) => boolean) =>
    vocabulary.filter(([word]) => wanted(word)).map(([word, memes]) => ({ text: [...words.slice(0, -1), word].join(' '), memes }));
  const begun = [
    ...completed((word) => word.startsWith(last)),
    ...templates.filter(({ name }) => foldName(name).startsWith(foldName(text))).map(({ name, memes }) => ({ text: name, memes })),
  ];
  const all = begun.length > 0 ? begun : completed((word) => naiveDistance(last, word) <= NORMAL([...last].length));
  const sorted = all.sort((a, b) => b.memes - a.memes || byCodeUnits(a.text, b.text));
  return sorted.filter(({ text: one }, index) => sorted.findIndex((other) => other.text === one) === index).slice(0, limit);
}

/** The templates with how many documents use them, written as most of these write them. */
export function naiveTemplates(partitions: readonly (readonly SearchDocument[])[]): TemplateCount[] {
  const names = partitions.flat().map((doc) => doc.template);
  const uses = (name: string) => names.filter((other) => other === name).length;
  return [...new Set(names.map(foldName))]
    .map((folded) => {
      const spellings = names.filter((name) => foldName(name) === folded);
      const [name] = spellings.toSorted((a, b) => uses(b) - uses(a) || byCodeUnits(a, b));
      return { name: name!, memes: spellings.length };
    })
    .sort((a, b) => b.memes - a.memes || byCodeUnits(a.name, b.name));
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
