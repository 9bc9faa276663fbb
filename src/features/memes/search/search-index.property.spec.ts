import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { naiveSearch } from '../../../../test/support/naive-search.js';
import { idOf, inWorld, type Meme, type Wish } from '../../../../test/support/search-corpus.js';
import { expectReference, expectReferenceOfLists, pagesOf, positionAfter, searchIn, shown, SearchWorld, worldOf } from '../../../../test/support/search-world.js';
import { seededChance } from '../../../../test/support/seeded-chance.js';
import { Search } from './search.js';

/** Asked always, besides what chance asks: a place or rating that an index has not heard of is seen in these. */
const ALWAYS: readonly Wish[] = [
  { fuzzy: false, sort: 'distance', near: { lat: 10, lon: 20 }, limit: 50 },
  { fuzzy: false, sort: 'new', rating: 'safe', limit: 50 },
];

/** Everything that an index can be asked, as bytes. */
function bytesOf(world: SearchWorld, wishes: readonly Wish[], text: string): string {
  const search = new Search<Meme>();
  const lists = [search.templates([world.index]), search.suggest([world.index], text, 20), world.index.size];
  return JSON.stringify([[...ALWAYS, ...wishes].map((one) => pagesOf([world], one)), lists]);
}

const PLAIN = { caption: 'some words', template: 'Plant', tags: [], lat: 1, lon: 2, rating: 'safe', likes: 0, trend: null };

class Changes implements fc.Command<object, SearchWorld> {
  constructor(private readonly changes: Parameters<SearchWorld['apply']>[0][]) {}
  check = () => true;
  run(_: object, world: SearchWorld): void {
    for (const change of this.changes) world.apply(change);
    expect(world.index.size).toBe(world.memes.length);
  }
  toString = () => JSON.stringify(this.changes);
}

class Ask implements fc.Command<object, SearchWorld> {
  constructor(private readonly wish: Wish) {}
  check = () => true;
  run(_: object, world: SearchWorld): void {
    expectReference([world], this.wish);
  }
  toString = () => JSON.stringify(this.wish);
}

class Type implements fc.Command<object, SearchWorld> {
  constructor(private readonly text: string) {}
  check = () => true;
  run(_: object, world: SearchWorld): void {
    expectReferenceOfLists([world], this.text);
  }
  toString = () => JSON.stringify(this.text);
}

class Get implements fc.Command<object, SearchWorld> {
  constructor(private readonly number: number) {}
  check = () => true;
  run(_: object, world: SearchWorld): void {
    expect(world.index.get(idOf(this.number))).toEqual(world.memes.find(({ id }) => id === idOf(this.number)));
  }
  toString = () => `get ${this.number}`;
}

/** The value once, then chance. */
function first(value: number, chance: () => number): () => number {
  let given = false;
  return () => {
    if (given) return chance();
    given = true;
    return value;
  };
}

describe('an index that changes', () => {
  it('answers byte by byte as one that was built of what is left', () => {
    const cases = inWorld((world) => fc.tuple(world.changes(60), fc.array(world.wish, { minLength: 1, maxLength: 3 }), world.typing));
    fc.assert(
      fc.property(cases, ([all, wishes, text]) => {
        const world = new SearchWorld();
        for (const change of all) world.apply(change);
        const bytes = bytesOf(world, wishes, text);
        expect(bytes).toBe(bytesOf(worldOf(world.memes), wishes, text));
        expect(bytes).toBe(bytesOf(worldOf(world.memes.toReversed(), 'live'), wishes, text));
        world.merge(Infinity);
        expect(bytesOf(world, wishes, text)).toBe(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('shows every meme that stays exactly once, in order, to whoever turns the pages meanwhile', () => {
    const cases = inWorld((world) => fc.tuple(world.changes(40), fc.array(world.changes(8), { minLength: 1, maxLength: 4 }), world.wish));
    fc.assert(
      fc.property(cases, ([before, between, one]) => {
        const world = new SearchWorld();
        for (const change of before) world.apply(change);
        const start = naiveSearch([world.memes], one);
        const steady = new Set(world.memes);
        const seen: Meme[] = [];
        let page = searchIn([world], one);
        for (let turn = 0; ; turn += 1) {
          seen.push(...page.hits.map(({ doc }) => doc));
          if (!page.more) break;
          const last = page.hits.at(-1)!;
          for (const change of between[turn] ?? []) world.apply(change);
          for (const meme of steady) if (!world.memes.includes(meme)) steady.delete(meme);
          page = searchIn([world], { ...one, after: positionAfter(page.hits) });
          // The list as it is now, with the meme of the cursor where it stood.
          const now = naiveSearch([[...world.memes.filter(({ id }) => id !== last.doc.id), last.doc]], one, start.widened);
          const rest = now.hits.slice(now.hits.findIndex(({ doc }) => doc === last.doc) + 1).filter(({ doc }) => world.memes.includes(doc));
          const moved = world.memes.find(({ id, ...fields }) => id === last.doc.id && JSON.stringify({ id, ...fields }) !== JSON.stringify(last.doc));
          const others = ({ doc }: { doc: Meme }) => doc.id !== moved?.id;
          if (moved === undefined) expect(page.hits.map(shown)).toEqual(rest.slice(0, one.limit).map(shown));
          else expect(page.hits.filter(others).map(shown)).toEqual(rest.filter(others).slice(0, page.hits.filter(others).length).map(shown));
        }
        const wanted = start.hits.map(({ doc }) => doc).filter((doc) => steady.has(doc));
        expect(seen.filter((doc) => wanted.includes(doc))).toEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps its promises at every step of any life', () => {
    const anything = inWorld((world) =>
      fc.commands(
        [
          world.changes(6).map((some) => new Changes(some)),
          world.changes(6).map((some) => new Changes(some)),
          fc.constantFrom(1, 10, 60).map((steps) => new Changes([{ kind: 'merge', steps }])),
          world.wish.map((one) => new Ask(one)),
          world.typing.map((text) => new Type(text)),
          fc.nat(30).map((number) => new Get(number)),
        ],
        { maxCommands: 60, size: 'max' },
      ),
    );
    fc.assert(
      fc.property(anything, (commands) => {
        const world = new SearchWorld();
        fc.modelRun(() => ({ model: {}, real: world }), commands);
      }),
      { numRuns: 60 },
    );
  });

  it('wants a merge when much has changed, and no more when that is done', () => {
    const world = new SearchWorld();
    expect(world.index.wantsMerge).toBe(false);
    for (let number = 0; number < 5000; number += 1) world.put({ id: idOf(number), ...PLAIN });
    expect(world.index.wantsMerge).toBe(true);
    while (world.index.mergeStep(5, () => 0));
    expect(world.index.wantsMerge).toBe(false);
    for (let number = 0; number < 4000; number += 1) world.remove(idOf(number));
    expect(world.index.wantsMerge).toBe(true);
    while (world.index.mergeStep(5, () => 0));
    expect(world.index.wantsMerge).toBe(false);
    expect(world.index.size).toBe(1000);
  });

  it('merges in pieces: a step ends when its time is over', () => {
    const world = new SearchWorld();
    for (let number = 0; number < 3000; number += 1) world.put({ id: idOf(number), ...PLAIN });
    world.index.startMerge();
    let time = 0;
    let steps = 0;
    while (world.index.mergeStep(5, () => (time += 1))) steps += 1;
    expect(steps).toBeGreaterThan(3);
  });
});

describe('a random meme', () => {
  const search = new Search<Meme>();

  it('is any that is there, each as often as any other', () => {
    const draws = 40_000;
    const first = new SearchWorld();
    const second = new SearchWorld();
    for (let number = 0; number < 100; number += 1) (number < 30 ? first : second).put({ id: idOf(number), ...PLAIN });
    second.merge(Infinity);
    for (let number = 40; number < 90; number += 1) second.remove(idOf(number));
    for (let number = 90; number < 95; number += 1) second.put({ id: idOf(number), ...PLAIN, caption: 'other words' });
    for (let number = 100; number < 110; number += 1) second.put({ id: idOf(number), ...PLAIN });
    const counts = new Map([...first.memes, ...second.memes].map(({ id }) => [id, 0]));
    const chance = seededChance(42);
    for (let draw = 0; draw < draws; draw += 1) {
      const { id } = search.random([first.index, second.index], chance)!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const each = draws / counts.size;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - each) ** 2 / each, 0);
    // 60 memes: 59 degrees of freedom, of which one in a million runs exceeds 120. This run is always the same.
    expect(counts.size).toBe(60);
    expect(chiSquare).toBeLessThan(120);
  });

  it('is one that is there, after any changes and for the ends of chance too', () => {
    fc.assert(
      fc.property(inWorld((world) => world.changes(40)), fc.nat(), (all, seed) => {
        const world = new SearchWorld();
        for (const change of all) world.apply(change);
        const there = world.memes;
        const chance = seededChance(seed);
        for (const random of [chance, chance, first(0, chance), first(1 - 2 ** -53, chance)]) {
          const drawn = search.random([world.index], random);
          if (there.length === 0) expect(drawn).toBeUndefined();
          else expect(there).toContainEqual(drawn);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is none where there are none', () => {
    const world = worldOf([{ id: idOf(1), ...PLAIN }, { id: idOf(2), ...PLAIN }]);
    for (const { id } of world.memes) world.remove(id);
    expect(search.random([world.index], seededChance(1))).toBeUndefined();
    expect(search.random([], seededChance(1))).toBeUndefined();
  });
});
