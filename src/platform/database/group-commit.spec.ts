import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GroupCommit, type GroupCommitPolicy } from './group-commit.js';

const PATIENCE_MS = 5;
const MOST_IN_A_BATCH = 3;

/** A batch that is being stored, until it is said what became of it. */
interface Batch {
  readonly batch: string;
  finish(outcomes?: readonly (string | Error)[]): void;
}

function start(policy: Partial<GroupCommitPolicy<string, string, string>> = {}) {
  const batches: Batch[] = [];
  const outcomes: string[] = [];
  const commits = new GroupCommit<string, string, string>({
    mostWaiting: 100,
    mostInABatch: MOST_IN_A_BATCH,
    patienceMs: ({ length }) => (length >= MOST_IN_A_BATCH ? 0 : PATIENCE_MS),
    store: (key, items) => new Promise((resolve) => {
      batches.push({ batch: `${key}: ${items.join(' ')}`, finish: (said = items.map((item) => item.toUpperCase())) => resolve(said) });
    }),
    ...policy,
  });
  return {
    commits, batches, outcomes,
    /** The batches so far, in the order in which they were begun. */
    begun: () => batches.map(({ batch }) => batch),
    /** Adds to a key, and notes what becomes of each. */
    add: (key: string, ...items: string[]) => {
      for (const item of items) commits.add(key, item).then((outcome) => outcomes.push(outcome), (error: Error) => outcomes.push(`${item}: ${error.message}`));
    },
    /** Ends a batch, and lets what follows from it happen. */
    finish: async (which: number, said?: readonly (string | Error)[]) => {
      batches[which]!.finish(said);
      await passed(0);
    },
    drain: () => {
      const state = { isOver: false };
      void commits.drain().then(() => (state.isOver = true));
      return state;
    },
  };
}

const passed = (ms: number) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a batch', () => {
  it('is stored at once when it is full', () => {
    const { add, begun } = start();
    add('k', 'a', 'b');
    expect(begun()).toEqual([]);
    add('k', 'c');
    expect(begun()).toEqual(['k: a b c']);
  });

  it('is stored when its first has waited long enough, however late the others came', async () => {
    const { add, begun } = start();
    add('k', 'a');
    await passed(PATIENCE_MS - 1);
    add('k', 'b');
    expect(begun()).toEqual([]);
    await passed(1);
    expect(begun()).toEqual(['k: a b']);
  });

  it('is answered when it is stored, each with its own outcome, in their order', async () => {
    const { add, finish, outcomes } = start();
    add('k', 'a', 'b', 'c');
    await passed(1_000);
    expect(outcomes).toEqual([]);
    await finish(0, ['1', '2', '3']);
    expect(outcomes).toEqual(['1', '2', '3']);
  });

  it('is followed by those that came meanwhile, no more than a batch of them at a time', async () => {
    const { add, begun, finish, outcomes } = start();
    add('k', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
    await passed(1_000);
    expect(begun()).toEqual(['k: a b c']);
    await finish(0);
    expect(begun()).toEqual(['k: a b c', 'k: d e f']);
    await passed(1_000);
    await finish(1);
    // It has waited for long enough already.
    expect(begun()).toEqual(['k: a b c', 'k: d e f', 'k: g']);
    await finish(2);
    expect(outcomes).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G']);
  });

  it('waits for company again after another, as long as is left', async () => {
    const { add, begun, finish } = start();
    add('k', 'a', 'b', 'c');
    await passed(10);
    add('k', 'd');
    await passed(2);
    await finish(0);
    await passed(PATIENCE_MS - 3);
    expect(begun()).toEqual(['k: a b c']);
    await passed(1);
    expect(begun()).toEqual(['k: a b c', 'k: d']);
  });

  it('does not wait for that of another key', async () => {
    const { add, begun, finish, outcomes } = start();
    add('k', 'a', 'b', 'c', 'd');
    add('l', 'x');
    await passed(PATIENCE_MS);
    expect(begun()).toEqual(['k: a b c', 'l: x']);
    await finish(1);
    expect(outcomes).toEqual(['X']);
    add('l', 'y', 'z', 'w');
    expect(begun()).toEqual(['k: a b c', 'l: x', 'l: y z w']);
  });

  it('holds those that are arranged first', async () => {
    const { add, begun, finish, outcomes } = start({ arranged: (waiting) => [...waiting].reverse() });
    add('k', 'a', 'b');
    await passed(PATIENCE_MS);
    add('k', 'c', 'd', 'e', 'f');
    await finish(0);
    await finish(1);
    await passed(PATIENCE_MS);
    await finish(2);
    expect(begun()).toEqual(['k: b a', 'k: f e d', 'k: c']);
    expect(outcomes).toEqual(['B', 'A', 'F', 'E', 'D', 'C']);
  });

  it('is not lost when one of it is refused', async () => {
    const { add, begun, finish, outcomes } = start();
    add('k', 'a', 'b', 'c', 'd', 'e', 'f');
    await finish(0, ['A', new Error('not you'), 'C']);
    expect(outcomes).toEqual(expect.arrayContaining(['A', 'b: not you', 'C']));
    expect(begun()).toEqual(['k: a b c', 'k: d e f']);
    await finish(1);
    expect(outcomes.slice(3)).toEqual(['D', 'E', 'F']);
  });
});

it('more than may wait are refused, over all keys, and there is room again when some are stored', async () => {
  const { commits, add, finish, outcomes } = start({ mostWaiting: 5 });
  const busy = expect.objectContaining({ code: 'server.busy', details: { retryAfterSeconds: 1 } });
  add('k', 'a', 'b', 'c');
  add('l', 'x', 'y');
  for (const key of ['k', 'l', 'm']) expect(() => commits.add(key, 'more')).toThrow(busy);
  await finish(0, ['A', new Error('not you'), 'C']);
  add('m', 'd', 'e', 'f');
  expect(() => commits.add('m', 'more')).toThrow(busy);
  await finish(1);
  await passed(PATIENCE_MS);
  await finish(2);
  expect(outcomes).toHaveLength(8);
  expect(outcomes).not.toContainEqual(expect.stringContaining('more'));
});

describe('a drain', () => {
  it('is over at once where nothing waits', async () => {
    const { drain } = start();
    const state = drain();
    await passed(0);
    expect(state.isOver).toBe(true);
  });

  it('stores what waits without waiting for more, and ends when it is stored', async () => {
    const { add, begun, drain, finish, outcomes } = start();
    add('k', 'a');
    add('l', 'x', 'y');
    const state = drain();
    expect(begun()).toEqual(['k: a', 'l: x y']);
    await finish(0);
    expect(state.isOver).toBe(false);
    await finish(1);
    expect([state.isOver, outcomes]).toEqual([true, ['A', 'X', 'Y']]);
    await passed(1_000);
    expect(begun()).toHaveLength(2);
  });

  it('stores all that waits behind a batch', async () => {
    const { add, begun, drain, finish } = start();
    add('k', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
    await passed(1);
    const state = drain();
    await finish(0);
    await finish(1);
    expect([begun(), state.isOver]).toEqual([['k: a b c', 'k: d e f', 'k: g'], false]);
    await finish(2);
    expect(state.isOver).toBe(true);
  });

  it('stores at once what comes during it and afterwards', async () => {
    const { add, begun, drain, finish, outcomes } = start();
    add('k', 'a');
    await passed(1);
    const state = drain();
    add('k', 'b');
    add('l', 'x');
    expect(begun()).toEqual(['k: a', 'l: x']);
    await finish(0);
    expect(begun()).toEqual(['k: a', 'l: x', 'k: b']);
    await finish(1);
    await finish(2);
    expect([state.isOver, outcomes]).toEqual([true, ['A', 'X', 'B']]);
    add('k', 'c');
    expect(begun().at(-1)).toBe('k: c');
    await finish(3);
    expect(outcomes.at(-1)).toBe('C');
  });

  it('ends however much goes on coming', async () => {
    const { batches, add, drain, finish } = start();
    add('k', 'a', 'b', 'c', 'd');
    await passed(1);
    const state = drain();
    for (let i = 0; i < 4 && !state.isOver; i += 1) {
      add('k', ...Array.from({ length: 2 * MOST_IN_A_BATCH }, (_, n) => `late ${i} ${n}`));
      await passed(1);
      await finish(i);
    }
    expect(state.isOver).toBe(true);
    // What came late is still being stored.
    expect(batches.length).toBeGreaterThan(2);
  });
});
