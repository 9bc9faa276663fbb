import { expect } from '@jest/globals';
import { SearchIndex } from '../../src/features/memes/search/search-index.js';
import { Search } from '../../src/features/memes/search/search.js';
import type { SearchHit, SearchPosition, SearchRequest, SearchResult } from '../../src/features/memes/search/search.types.js';
import { naiveSearch, naiveSuggest, naiveTemplates } from './naive-search.js';
import { idOf, type Change, type Meme, type Wish } from './search-corpus.js';

/** An index, and beside it the plain list of what ought to be in it. */
export class SearchWorld {
  readonly index = new SearchIndex<Meme>();
  private readonly expected = new Map<string, Meme>();

  /** What is in the index by everything that was done to it. */
  get memes(): Meme[] {
    return [...this.expected.values()];
  }

  put(meme: Meme): void {
    this.expected.set(meme.id, meme);
    this.index.put(meme);
  }

  remove(id: string): void {
    expect(this.index.remove(id)).toBe(this.expected.delete(id));
  }

  /** The smallest pieces of a merge that there are; begins one when none is running. */
  merge(steps: number): void {
    this.index.startMerge();
    for (let step = 0; step < steps && this.index.mergeStep(0, () => 0); step += 1);
  }

  apply(change: Change): void {
    const id = 'number' in change ? idOf(change.number) : '';
    const meme = this.expected.get(id);
    if (change.kind === 'put') this.put({ id, ...change.fields });
    if (change.kind === 'remove') this.remove(id);
    if (change.kind === 'like' && meme) this.put({ ...meme, likes: change.likes, trend: change.trend });
    if (change.kind === 'edit' && meme) {
      const edited = { ...meme, [change.part]: change.fields[change.part] };
      // A place has both coordinates or none.
      if ((edited.lat === null) === (edited.lon === null)) this.put(edited);
    }
    if (change.kind === 'merge') this.merge(change.steps);
  }
}

/** `state` of the memes: all in the base, all in the live part, or the first half in the base and then changed on. */
export function worldOf(memes: readonly Meme[], state: 'merged' | 'live' | 'half' = 'merged'): SearchWorld {
  const world = new SearchWorld();
  memes.forEach((meme, index) => {
    world.put(meme);
    if (state === 'half' && index === memes.length >> 1) world.merge(Infinity);
  });
  if (state === 'merged') world.merge(Infinity);
  return world;
}

export function searchIn(worlds: readonly SearchWorld[], request: SearchRequest): SearchResult<Meme> {
  return new Search<Meme>().search(worlds.map(({ index }) => index), request);
}

/** All pages of a list one after another; the positions go through JSON, as in a cursor. */
export function pagesOf(worlds: readonly SearchWorld[], wish: Wish): SearchResult<Meme>[] {
  const pages = [searchIn(worlds, wish)];
  for (let last = pages[0]!; last.more; last = pages.at(-1)!) {
    expect(last.hits.length).toBe(wish.limit);
    pages.push(searchIn(worlds, { ...wish, after: positionAfter(last.hits) }));
  }
  return pages;
}

export function positionAfter(hits: readonly SearchHit<Meme>[]): SearchPosition {
  return JSON.parse(JSON.stringify(hits.at(-1)!.position)) as SearchPosition;
}

/** A hit as the reference tells it. */
export function shown({ doc, distanceKm, highlights }: Omit<SearchHit<Meme>, 'position'>): unknown {
  return { ...doc, distanceKm, highlights };
}

/** The list, page by page, is what the reference says. */
export function expectReference(worlds: readonly SearchWorld[], wish: Wish): void {
  const { hits, corrected, widened } = naiveSearch(worlds.map(({ memes }) => memes), wish);
  const pages = pagesOf(worlds, wish);
  expect(pages.flatMap((page) => page.hits.map(shown))).toEqual(hits.map(shown));
  for (const page of pages) expect({ corrected: page.corrected, widened: page.widened }).toEqual({ corrected, widened });
  expect(pages.length).toBe(Math.max(1, Math.ceil(hits.length / wish.limit)));
}

/** Everything else that can be asked, too. */
export function expectReferenceOfLists(worlds: readonly SearchWorld[], text: string): void {
  const indexes = worlds.map(({ index }) => index);
  const memes = worlds.map((world) => world.memes);
  const search = new Search<Meme>();
  expect(search.templates(indexes)).toEqual(naiveTemplates(memes));
  for (const limit of [1, 3, 50]) expect(search.suggest(indexes, text, limit)).toEqual(naiveSuggest(memes, text, limit));
}
