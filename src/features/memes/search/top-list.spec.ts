import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TopList, type After } from './top-list.js';

/** Keys of few values, so that many are equal; an entry is its own rank. */
const someKeys = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });

function best(keys: readonly number[], limit: number, order: 'ascending' | 'descending', after?: After): number[] {
  const top = new TopList(limit, order, after);
  keys.forEach((key, rank) => top.offer(rank, key, rank));
  return top.sorted().map(({ entry }) => entry);
}

/** The same by sorting everything. */
function sorted(keys: readonly number[], order: 'ascending' | 'descending'): number[] {
  const sign = order === 'ascending' ? 1 : -1;
  return keys.map((_, rank) => rank).sort((a, b) => keys[b]! - keys[a]! || sign * (a - b));
}

describe.each(['ascending', 'descending'] as const)('the best of a list, equal ones %s', (order) => {
  it('are those of sorting everything', () => {
    fc.assert(fc.property(someKeys, fc.integer({ min: 1, max: 8 }), (keys, limit) => expect(best(keys, limit, order)).toEqual(sorted(keys, order).slice(0, limit))));
  });

  it('go on after any of them', () => {
    fc.assert(
      fc.property(someKeys, fc.nat(), (keys, pick) => {
        const all = sorted(keys, order);
        const at = pick % (all.length + 1);
        const last = all[at - 1];
        const after = last === undefined ? undefined : { key: keys[last]!, rank: order === 'ascending' ? last : -last };
        expect(best(keys, 5, order, after)).toEqual(all.slice(at, at + 5));
      }),
    );
  });
});

describe('a full list', () => {
  it('refuses by its worst entry', () => {
    const top = new TopList(2, 'ascending');
    top.offer(7, 5, 7);
    expect([top.isFull, top.takes(0, 99)]).toEqual([false, true]);
    top.offer(8, 5, 8);
    expect(top.isFull).toBe(true);
    expect([top.takes(4, 0), top.takes(5, 8), top.takes(5, 9)]).toEqual([false, false, false]);
    expect([top.takes(5, 6), top.takes(6, 99)]).toEqual([true, true]);
  });

  it('of one key begins where the page begins', () => {
    expect(new TopList(1, 'descending').lastRank(10)).toBe(9);
    expect(new TopList(1, 'descending', { key: 0, rank: -4 }).lastRank(10)).toBe(3);
    expect(new TopList(1, 'descending', { key: 0, rank: -12 }).lastRank(10)).toBe(9);
  });
});
