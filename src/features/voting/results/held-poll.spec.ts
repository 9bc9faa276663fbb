import { describe, expect, it } from '@jest/globals';
import type { Poll } from '../poll.types.js';
import { HeldPoll, type ResultBytes } from './held-poll.js';
import type { PollResult } from './results.types.js';

const poll = { version: 1 } as Poll;
const bytes = {} as ResultBytes;
const held = (started: number, before?: HeldPoll) => new HeldPoll(poll, started, 1_000, before);

describe('a held poll', () => {
  it('is shown for a second, as long as nobody votes in this process', () => {
    expect([0, 999, 1_000].map((now) => held(0).isFresh(now))).toEqual([true, true, false]);
  });

  it('is read anew as soon as somebody has', () => {
    const one = held(0);
    one.outdate();
    expect(one.isFresh(1)).toBe(false);
  });

  it('is read anew because of votes ten times at once, and ten times a second after that', () => {
    let now = 0;
    let readings = 0;
    let one = held(now);
    for (; now < 3_000; now += 1) {
      one.outdate();
      if (one.isFresh(now)) continue;
      one = held(now, one);
      readings += 1;
    }
    expect(readings).toBeGreaterThanOrEqual(38);
    expect(readings).toBeLessThanOrEqual(40);
  });

  it('is not read anew while it is counted, which may take long', async () => {
    const one = held(0);
    one.outdate();
    let finish = (): void => undefined;
    const counting = one.counted(() => new Promise((resolve) => (finish = () => resolve({ version: 1 } as PollResult))));
    expect(one.isFresh(1)).toBe(true);
    finish();
    await counting;
    expect(one.isFresh(1)).toBe(false);
  });

  it('has newer counts that somebody else was shown, and never older ones', async () => {
    const one = held(0);
    await one.counted(() => Promise.resolve({ version: 1 } as PollResult));
    one.learn({ version: 5 } as PollResult);
    one.learn({ version: 4 } as PollResult);
    expect((await one.counted(() => Promise.reject(new Error('it is counted')))).version).toBe(5);
    expect(held(1, one).version).toBe(5);
  });

  it('that takes long to count is read anew once a second, whatever happens', () => {
    const one = held(0);
    one.tookMs = 50;
    one.outdate();
    expect([1, 999, 1_000].map((now) => one.isFresh(now))).toEqual([true, true, false]);
  });

  it('is counted once for all who ask, and anew after that has failed', async () => {
    const one = held(0);
    let counts = 0;
    const count = () => ((counts += 1) === 1 ? Promise.reject(new Error('the database is away')) : Promise.resolve({ version: counts } as PollResult));
    const first = [one.counted(count), one.counted(count)];
    for (const asked of first) await expect(asked).rejects.toThrow('away');
    expect([await one.counted(count), await one.counted(count), counts]).toEqual([{ version: 2 }, { version: 2 }, 2]);
  });

  it('is written once for all who ask, and anew after that has failed', async () => {
    const one = held(0);
    let writings = 0;
    const write = () => ((writings += 1) === 1 ? Promise.reject(new Error('the database is away')) : Promise.resolve(bytes));
    const first = [one.written(0, write), one.written(0, write)];
    for (const asked of first) await expect(asked).rejects.toThrow('away');
    expect([await one.written(0, write), await one.written(0, write), writings]).toEqual([bytes, bytes, 2]);
  });

  it('keeps what is sent without a window, and with few windows of all that are asked for', async () => {
    const one = held(0);
    const written: number[] = [];
    const ask = (seconds: number) => one.written(seconds, () => (written.push(seconds), Promise.resolve(bytes)));
    for (let seconds = 1; seconds <= 100; seconds += 1) for (const window of [0, seconds]) await ask(window);
    expect(written).toEqual(Array.from({ length: 101 }, (_, seconds) => seconds));
    await ask(1);
    expect(written.at(-1)).toBe(1);
  });
});
