import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Poll } from '../poll.types.js';
import { certificationOf, freshMs, quorumOf, resultOf, resultTag, resultText, versionIn, windowSecondsOf } from './results.rules.js';
import type { Tally } from './results.types.js';

const at = new Date('2026-03-01T09:30:00.000Z');
const poll = (given: Partial<Poll> = {}) =>
  ({ method: 'single', electorate: 'all', quorum: null, candidates: ['a', 'b'].map((id) => ({ id, name: id.toUpperCase(), description: null, withdrawn: false })), ...given }) as Poll;
const tally = (given: Partial<Tally> = {}): Tally => ({
  version: 7, ended: null, seed: 'seed', electorateSize: null, at, votesLast10Minutes: 3, withdrawn: new Set(),
  rows: [{ choice: { candidateId: 'a' }, votes: 2 }, { choice: { candidateId: 'b' }, votes: 1 }], ...given,
});

describe('a result', () => {
  it('is the count and what there is to know of it', () => {
    expect(resultOf(poll(), tally(), null)).toMatchObject({
      method: 'single', candidates: [{ candidateId: 'a', name: 'A', votes: 2 }, { candidateId: 'b', name: 'B', votes: 1 }], winners: ['a'], ranking: [['a'], ['b']],
      totalVotes: 3, votesLast10Minutes: 3, asOf: '2026-03-01T09:30:00.000Z', version: 7, final: false, unverified: false,
    });
  });

  it('is final once the end is written, and not when the poll was cancelled', () => {
    expect((['closed', 'certified', 'cancelled', null] as const).map((ended) => resultOf(poll(), tally({ ended }), null).final)).toEqual([true, true, false, false]);
  });

  it('is unverified where anybody could vote', () => expect(resultOf(poll({ electorate: 'public' }), tally(), null).unverified).toBe(true));

  it('is without whom the tally says has withdrawn, whatever was known before', () => {
    expect(resultOf(poll(), tally({ withdrawn: new Set(['a']) }), null)).toMatchObject({ candidates: [{ candidateId: 'b' }], winners: ['b'], totalVotes: 3 });
  });

  it('has no winner while the quorum is not reached, and says so', () => {
    const below = resultOf(poll({ quorum: { min: 4 } }), tally(), null);
    expect(below).toMatchObject({ winners: [], ranking: [['a'], ['b']], quorum: { required: 4, reached: false } });
    expect(below.explanation).toMatch(/^Nobody wins, as the quorum is not reached: 3 of 4 voters\./);
    expect(resultOf(poll({ quorum: { min: 3 } }), tally(), null)).toMatchObject({ winners: ['a'], quorum: { required: 3, reached: true } });
  });
});

it.each([
  [null, 10, 5, undefined],
  [{ min: 5 }, null, 5, { required: 5, reached: true }],
  [{ percent: 50 }, 11, 5, { required: 6, reached: false }],
  [{ percent: 50 }, 11, 6, { required: 6, reached: true }],
  [{ min: 2, percent: 50 }, 11, 2, { required: 6, reached: false }],
  [{ min: 9, percent: 50 }, 11, 6, { required: 9, reached: false }],
])('of the quorum %j with %s eligible, %i voters are %j', (quorum, eligible, voters, expected) => expect(quorumOf(quorum, eligible, voters)).toEqual(expected));

it('has one spelling, which is certified', () => {
  const result = resultOf(poll(), tally(), null);
  const reordered = Object.fromEntries(Object.entries(result).reverse()) as unknown as typeof result;
  expect(resultText(reordered)).toBe(resultText(result));
  expect(JSON.parse(resultText(result))).toEqual(result);
  expect(certificationOf(result)).toBe(`result:${createHash('sha256').update(resultText(result)).digest('hex')}`);
});

it.each([
  ['a second, when nothing is near', null, null, 1_000],
  ['until it closes', null, 400, 400],
  ['until it opens', 250, 5_000, 250],
  ['a second, when it opened and closed before', -250, -10, 1_000],
])('what was read of a poll is good for %s', (_, opensIn, closesIn, expected) => {
  const after = (ms: number | null) => (ms === null ? null : new Date(at.getTime() + ms));
  expect(freshMs({ opensAt: after(opensIn), closesAt: after(closesIn), readAt: at })).toBe(expected);
});

it.each([
  ['PT1S', 1], ['PT10M', 600], ['PT1H30M5S', 5_405], ['P1D', 86_400], ['P1W', 604_800], ['P1DT12H', 129_600], ['P30D', 2_592_000], ['PT2592000S', 2_592_000],
  ['PT0S', undefined], ['P31D', undefined], ['P30DT1S', undefined], ['P', undefined], ['PT', undefined], ['P1DT', undefined], ['10M', undefined], ['PT10', undefined], ['P1M', undefined],
  ['P1Y', undefined], ['PT1.5S', undefined], ['-PT1S', undefined], ['pt1s', undefined], ['PT1S ', undefined], ['PT1M1H', undefined], ['', undefined],
])('%s is %s seconds', (duration, seconds) => expect(windowSecondsOf(duration)).toBe(seconds));

it('a tag changes with what is told, and its version can be read from it', () => {
  const result = resultOf(poll(), tally(), null);
  const tags = [
    resultTag(result), resultTag({ ...result, version: 8 }), resultTag({ ...result, votesLast10Minutes: 2 }),
    resultTag({ ...result, votesInWindow: 2 }, 60), resultTag({ ...result, votesInWindow: 2 }, 61),
  ];
  expect(new Set(tags).size).toBe(tags.length);
  expect(resultTag({ ...result, asOf: 'later' })).toBe(resultTag(result));
  expect(tags.map(versionIn)).toEqual([7, 8, 7, 7, 7]);
  expect([versionIn(undefined), versionIn('*'), versionIn('"abc"'), versionIn(`${tags[0]!}, ${tags[1]!}`)]).toEqual([0, 0, 0, 8]);
});
