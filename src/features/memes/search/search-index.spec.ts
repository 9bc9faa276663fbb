import { describe, expect, it } from '@jest/globals';
import { SearchIndex } from './search-index.js';
import { countTemplates } from './template-names.js';
import { Search } from './search.js';
import type { SearchDocument } from './search.types.js';

const idOf = (number: number): string => `0198c0de-0000-7000-8000-${String(number).padStart(12, '0')}`;
const doc = (number: number, fields: Partial<SearchDocument> = {}): SearchDocument => ({
  id: idOf(number), caption: `one does not simply ${number}`, template: 'Boromir', tags: [], lat: null, lon: null, rating: 'unrated', likes: 0, trend: null, ...fields,
});

function indexOf(count: number): SearchIndex<SearchDocument> {
  const index = new SearchIndex<SearchDocument>();
  for (let number = 0; number < count; number++) index.put(doc(number));
  return index;
}

/** Runs a merge to its end. */
function merge(index: SearchIndex<SearchDocument>): void {
  index.startMerge();
  while (index.mergeStep(0, () => 0));
}

const found = (index: SearchIndex<SearchDocument>, query: string): string[] =>
  new Search<SearchDocument>().search([index], { query, fuzzy: false, sort: 'relevance', limit: 50 }).hits.map(({ doc: { id } }) => id);

describe('an index', () => {
  it('has what was put and not removed', () => {
    const index = indexOf(3);
    expect([index.remove(idOf(1)), index.remove(idOf(1)), index.remove('nobody')]).toEqual([true, false, false]);
    expect(index.size).toBe(2);
    expect(index.get(idOf(1))).toBeUndefined();
    expect(index.get(idOf(2))).toEqual(doc(2));
  });

  it('changes its version with every change, and with no merge', () => {
    const index = indexOf(2);
    const before = index.version;
    merge(index);
    expect(index.version).toBe(before);
    index.put(doc(1, { likes: 1 }));
    const liked = index.version;
    expect(liked).not.toBe(before);
    index.remove(idOf(0));
    expect(index.version).not.toBe(liked);
  });

  it('takes a change of likes without touching the text', () => {
    const index = indexOf(2);
    merge(index);
    const changed = doc(1, { likes: 7, trend: 3.5 });
    index.put(changed);
    expect(index.get(idOf(1))).toBe(changed);
    expect(found(index, 'simply')).toEqual([idOf(1), idOf(0)]);
    expect(index.segments().map(({ documents }) => documents.count)).toEqual([2, 0]);
  });

  it.each<[string, Partial<SearchDocument>]>([
    ['caption', { caption: 'two' }],
    ['template', { template: 'Two' }],
    ['rating', { rating: 'safe' }],
    ['latitude', { lat: 1, lon: 20 }],
    ['longitude', { lat: 10, lon: 2 }],
    ['tags', { tags: ['two'] }],
  ])('replaces a document whose %s changed', (_, fields) => {
    const index = indexOf(1);
    index.put(doc(1, { lat: 10, lon: 20 }));
    merge(index);
    index.put(doc(1, { lat: 10, lon: 20, ...fields }));
    expect(index.size).toBe(2);
    expect(index.segments().map(({ documents }) => documents.living)).toEqual([1, 1]);
    expect(index.get(idOf(1))).toEqual(doc(1, { lat: 10, lon: 20, ...fields }));
  });

  it('counts templates', () => {
    const index = indexOf(3);
    index.put(doc(2, { template: 'boromir' }));
    index.put(doc(3, { template: 'Doge' }));
    expect([...countTemplates([index.templates]).values()]).toEqual([{ name: 'Boromir', memes: 3 }, { name: 'Doge', memes: 1 }]);
  });
});

describe('a merge', () => {
  it('is wanted when enough has changed', () => {
    const index = indexOf(1_000);
    expect(index.wantsMerge).toBe(false);
    expect(index.mergeStep(5, () => 0)).toBe(false);
    index.put(doc(1_000));
    expect(index.wantsMerge).toBe(true);
    merge(index);
    expect(index.wantsMerge).toBe(false);
    expect(index.segments().map(({ documents }) => documents.count)).toEqual([1_001, 0]);
  });

  it('is wanted when most of the base is dead', () => {
    const index = indexOf(1_200);
    merge(index);
    for (let number = 0; number < 1_001; number++) index.remove(idOf(number));
    expect(index.wantsMerge).toBe(true);
    merge(index);
    expect(index.segments().map(({ documents }) => documents.count)).toEqual([199, 0]);
    expect(index.size).toBe(199);
  });

  it('stops as soon as its time is up, and goes on where it was', () => {
    const index = indexOf(50);
    let asked = 0;
    index.startMerge();
    // Each look at the clock is a millisecond.
    expect(index.mergeStep(3, () => asked++)).toBe(true);
    expect(asked).toBe(4);
    while (index.mergeStep(3, () => asked++));
    expect(index.wantsMerge).toBe(false);
    expect(found(index, '49')).toEqual([idOf(49)]);
  });

  it('can be searched and changed in at every step, and has all of it in the end', () => {
    const index = indexOf(20);
    merge(index);
    for (let number = 20; number < 30; number++) index.put(doc(number));
    index.startMerge();
    let number = 0;
    const expected = new Map(Array.from({ length: 30 }, (_, each) => [idOf(each), doc(each)]));
    const put = (changed: SearchDocument): void => {
      index.put(changed);
      expected.set(changed.id, changed);
    };
    for (let more = true; more; number++) {
      if (number % 9 === 0) put(doc(number % 30, { likes: number }));
      if (number % 9 === 3) put(doc(number % 37, { caption: `one changed ${number}` }));
      if (number % 9 === 6) expect(index.remove(idOf(number % 41))).toBe(expected.delete(idOf(number % 41)));
      expect(found(index, 'one').sort()).toEqual([...expected.keys()].sort());
      more = index.mergeStep(0, () => 0);
    }
    expect(number).toBeGreaterThan(60);
    expect(index.segments()).toHaveLength(2);
    expect([...expected.keys()].map((id) => index.get(id))).toEqual([...expected.values()]);
    expect(index.size).toBe(expected.size);
  });

  it('keeps the last of many changes to one document', () => {
    const twin = indexOf(5);
    twin.startMerge();
    let steps = 1;
    while (twin.mergeStep(0, () => 0)) steps += 1;
    const index = indexOf(5);
    index.startMerge();
    // The last of them come when everything is copied, and changes are being repeated.
    for (let likes = 1; likes <= steps + 3; likes++) {
      index.put(doc(0, { likes }));
      index.mergeStep(0, () => 0);
      expect(index.get(idOf(0))!.likes).toBe(likes);
    }
    merge(index);
    expect(index.get(idOf(0))!.likes).toBe(steps + 3);
  });

  it('forgets the words that nobody has any more', () => {
    const index = indexOf(2);
    index.put(doc(0, { caption: 'another' }));
    merge(index);
    const [base] = index.segments();
    expect(base!.vocabulary.words).toEqual(['1', 'another', 'boromir', 'does', 'not', 'one', 'simply']);
  });
});
