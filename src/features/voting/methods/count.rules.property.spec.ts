import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { electionOf } from '../../../../test/support/elections.js';
import { POLL_METHODS, type ApprovalChoice, type Choice, type PollMethod, type RankedChoice, type ScoreChoice, type SingleChoice, type TallyRow } from '../poll.types.js';
import { count } from './count.rules.js';
import type { Count } from './count.types.js';
import { lotOf } from './lot.rules.js';

const LETTERS = 'ABCDE';
type Row<C extends Choice> = TallyRow & { readonly choice: C };
type Rows<C extends Choice = Choice> = readonly Row<C>[];

const candidates = fc.integer({ min: 2, max: LETTERS.length }).map((many) => LETTERS.slice(0, many));
const rowsOf = <C extends Choice>(choice: fc.Arbitrary<C>): fc.Arbitrary<Row<C>[]> =>
  fc.array(fc.record({ choice, votes: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 8 });

/** In any order, some of them left out. */
const strict = (letters: string): fc.Arbitrary<RankedChoice> =>
  fc.shuffledSubarray([...letters], { minLength: 1 }).map((order) => ({ ranking: order.map((id) => [id]) }));
/** With equal ranks, some of them left out. */
const weak = (letters: string): fc.Arbitrary<RankedChoice> =>
  fc.tuple(...[...letters].map(() => fc.integer({ min: 0, max: letters.length }))).filter((ranks) => ranks.some((rank) => rank > 0)).map((ranks) => ({
    ranking: [1, 2, 3, 4, 5].map((wanted) => [...letters].filter((_, place) => ranks[place] === wanted)).filter((rank) => rank.length > 0),
  }));
const scored = (letters: string): fc.Arbitrary<ScoreChoice> =>
  fc.subarray([...letters], { minLength: 1 }).chain((ids) => fc.tuple(...ids.map(() => fc.integer({ min: 0, max: 3 })))
    .map((scores) => ({ scores: Object.fromEntries(ids.map((id, place) => [id, scores[place]!])) })));
const approved = (letters: string): fc.Arbitrary<ApprovalChoice> => fc.subarray([...letters], { minLength: 1 }).map((approve) => ({ approve }));
const named = (letters: string): fc.Arbitrary<SingleChoice> => fc.constantFrom(...letters).map((candidateId) => ({ candidateId }));
const CHOICES: Record<PollMethod, (letters: string) => fc.Arbitrary<Choice>> = { single: named, approval: approved, score: scored, irv: strict, schulze: weak };

const votesFor = (method: PollMethod) => candidates.chain((letters) => fc.record({ letters: fc.constant(letters), rows: rowsOf(CHOICES[method](letters)) }));
const rankings = (choice: (letters: string) => fc.Arbitrary<RankedChoice>) =>
  candidates.chain((letters) => fc.record({ letters: fc.constant(letters), rows: rowsOf(choice(letters)) }));

const shuffled = <T>(all: T[]) => fc.shuffledSubarray(all, { minLength: all.length });

/** The choice with other ids, or without those that get none. */
function renamed(choice: Choice, nameOf: (id: string) => string | undefined): Choice {
  const all = (ids: readonly string[]) => ids.flatMap((id) => nameOf(id) ?? []);
  if ('candidateId' in choice) return { candidateId: nameOf(choice.candidateId) ?? 'nobody' };
  if ('approve' in choice) return { approve: all(choice.approve) };
  if ('scores' in choice) return { scores: Object.fromEntries(Object.entries(choice.scores).flatMap(([id, score]) => all([id]).map((to) => [to, score]))) };
  return { ranking: choice.ranking.map(all).filter((rank) => rank.length > 0) };
}

const drewLots = ({ explanation }: Count) => explanation!.includes('lot');
const votesOf = (result: Count, id: string) => result.candidates.find(({ candidateId }) => candidateId === id)!.votes;
const others = (letters: string, id: string) => [...letters].filter((other) => other !== id);
/** Ranks by candidate, the left out last. */
const rankIn = ({ ranking }: RankedChoice, id: string) => (ranking.findIndex((rank) => rank.includes(id)) + 1) || Infinity;
const prefer = (rows: Rows<RankedChoice>, a: string, b: string) => rows.reduce((sum, { choice, votes }) => sum + (rankIn(choice, a) < rankIn(choice, b) ? votes : 0), 0);
const beats = (rows: Rows<RankedChoice>, a: string, b: string) => prefer(rows, a, b) > prefer(rows, b, a);

/** By trying every path. */
function naiveStrength(letters: string, rows: Rows<RankedChoice>, from: string, to: string, seen = from): number {
  const steps = others(letters, from).filter((next) => !seen.includes(next) && beats(rows, from, next));
  return Math.max(0, ...steps.map((next) => Math.min(prefer(rows, from, next), next === to ? Infinity : naiveStrength(letters, rows, next, to, seen + next))));
}

/** Counts every single ballot anew, for the candidates left. */
function naiveRound(left: readonly string[], rows: Rows<RankedChoice>): { counts: Record<string, number>; exhausted: number } {
  const ballots = rows.flatMap(({ choice, votes }) => Array.from({ length: votes }, () => choice.ranking.flat().find((id) => left.includes(id))));
  return {
    counts: Object.fromEntries(left.map((id) => [id, ballots.filter((first) => first === id).length])),
    exhausted: ballots.filter((first) => first === undefined).length,
  };
}

describe.each(POLL_METHODS)('%s', (method) => {
  it('does not depend on the order of ballots, nor on how they came in batches', () => {
    const split = votesFor(method).chain(({ letters, rows }) => fc.record({
      letters: fc.constant(letters), rows: fc.constant(rows), shuffled: shuffled(rows.flatMap(({ choice, votes }) => Array.from({ length: votes }, () => ({ choice, votes: 1 })))),
    }));
    fc.assert(fc.property(split, ({ letters, rows, shuffled }) => {
      expect(count(electionOf(method, letters, shuffled))).toEqual(count(electionOf(method, letters, rows)));
    }));
  });

  it('does not depend on names', () => {
    const cases = votesFor(method).chain(({ letters, rows }) => fc.record({
      letters: fc.constant(letters), rows: fc.constant(rows), order: shuffled([...letters]),
    }));
    fc.assert(fc.property(cases, ({ letters, rows, order }) => {
      const to = (id: string) => order[letters.indexOf(id)]!;
      const result = count(electionOf(method, letters, rows));
      const other = count(electionOf(method, letters, rows.map(({ choice, votes }) => ({ choice: renamed(choice, to), votes }))));
      for (const id of letters) expect(votesOf(other, to(id))).toBe(votesOf(result, id));
      if (drewLots(result)) return;
      expect(drewLots(other)).toBe(false);
      expect(other.winners).toEqual(result.winners.map(to).sort());
      // Lots may order the lower places of scores.
      if (method !== 'score') expect(other.ranking).toEqual(result.ranking.map((layer) => layer.map(to).sort()));
    }));
  });

  it('depends on the seed only where it draws lots', () => {
    fc.assert(fc.property(votesFor(method), fc.string(), ({ letters, rows }, seed) => {
      const result = count(electionOf(method, letters, rows));
      if (!drewLots(result)) expect(count(electionOf(method, letters, rows, { seed })).winners).toEqual(result.winners);
    }));
  });

  it('counts without the withdrawn as if they had never stood', () => {
    const cases = votesFor(method).chain(({ letters, rows }) => fc.record({
      letters: fc.constant(letters), rows: fc.constant(rows), withdrawn: fc.subarray([...letters]).map((gone) => gone.join('')),
    }));
    fc.assert(fc.property(cases, ({ letters, rows, withdrawn }) => {
      const left = [...letters].filter((id) => !withdrawn.includes(id)).join('');
      const without = rows.map(({ choice, votes }) => ({ choice: renamed(choice, (id) => (left.includes(id) ? id : undefined)), votes }));
      expect(count(electionOf(method, letters, rows, { withdrawn }))).toEqual(count(electionOf(method, left, without)));
    }));
  });

  it('ranks everybody once, the winners first, and lists them by votes, then id', () => {
    fc.assert(fc.property(votesFor(method), ({ letters, rows }) => {
      const result = count(electionOf(method, letters, rows));
      expect(result.ranking.flat().sort()).toEqual([...letters]);
      expect(result.winners).toEqual(result.ranking[0]);
      expect(result.ranking).toEqual(result.ranking.map((layer) => [...layer].sort()));
      expect(result.candidates).toEqual([...result.candidates].sort((a, b) => b.votes - a.votes || (a.candidateId < b.candidateId ? -1 : 1)));
      expect(result.totalVotes).toBe(rows.reduce((sum, { votes }) => sum + votes, 0));
      if (method === 'score' || method === 'irv') expect(result.winners).toHaveLength(1);
    }));
  });
});

describe('a majority', () => {
  it.each(['single', 'irv', 'schulze'] as const)('that puts one candidate first elects this one: %s', (method) => {
    const cases = votesFor(method).chain(({ letters, rows }) => fc.record({
      letters: fc.constant(letters), rows: fc.constant(rows), favourite: fc.constantFrom(...letters),
    }));
    fc.assert(fc.property(cases, ({ letters, rows, favourite }) => {
      const votes = rows.reduce((sum, row) => sum + row.votes, 0) + 1;
      const choice = method === 'single' ? { candidateId: favourite } : { ranking: [[favourite]] };
      expect(count(electionOf(method, letters, [...rows, { choice, votes }])).winners).toEqual([favourite]);
    }));
  });
});

describe('Schulze\'s method', () => {
  const cases = rankings(weak);
  /** As seldom as these are among random ballots. */
  const MANY = { numRuns: 1_000 };

  it('agrees with trying every path', () => {
    fc.assert(fc.property(cases, ({ letters, rows }) => {
      const { pairwise, strengths, ranking, winners } = count(electionOf('schulze', letters, rows));
      const strength = (a: string, b: string) => naiveStrength(letters, rows, a, b);
      for (const a of letters) {
        expect(pairwise![a]).toEqual(Object.fromEntries(others(letters, a).map((b) => [b, prefer(rows, a, b)])));
        expect(strengths![a]).toEqual(Object.fromEntries(others(letters, a).map((b) => [b, strength(a, b)])));
      }
      expect(winners).toEqual([...letters].filter((a) => others(letters, a).every((b) => strength(a, b) >= strength(b, a))));
      const layer = (id: string) => ranking.findIndex((ids) => ids.includes(id));
      for (const a of letters) for (const b of others(letters, a)) if (strength(a, b) > strength(b, a)) expect(layer(a)).toBeLessThan(layer(b));
    }), MANY);
  });

  it('elects a Condorcet winner, and never a Condorcet loser', () => {
    fc.assert(fc.property(cases, ({ letters, rows }) => {
      const { winners } = count(electionOf('schulze', letters, rows));
      for (const id of letters) {
        if (others(letters, id).every((other) => beats(rows, id, other))) expect(winners).toEqual([id]);
        if (others(letters, id).every((other) => beats(rows, other, id))) expect(winners).not.toContain(id);
      }
    }), MANY);
  });

  it('elects from the Smith set', () => {
    fc.assert(fc.property(cases, ({ letters, rows }) => {
      const { winners } = count(electionOf('schulze', letters, rows));
      // Whoever beats all others as a group: each subset, by its bits.
      for (let bits = 1; bits < 2 ** letters.length; bits += 1) {
        const group = [...letters].filter((_, place) => (bits >> place) & 1);
        const rest = [...letters].filter((id) => !group.includes(id));
        if (group.every((a) => rest.every((b) => beats(rows, a, b)))) expect(group).toEqual(expect.arrayContaining(winners));
      }
    }), MANY);
  });

  it('keeps a winner who rises on some ballots', () => {
    const rises = cases.chain(({ letters, rows }) => fc.record({
      letters: fc.constant(letters), rows: fc.constant(rows), winner: fc.nat(), rise: fc.array(fc.nat({ max: 5 }), { minLength: rows.length, maxLength: rows.length }),
    }));
    fc.assert(fc.property(rises, ({ letters, rows, winner: chosen, rise }) => {
      const { winners } = count(electionOf('schulze', letters, rows));
      const winner = winners[chosen % winners.length]!;
      const risen = rows.map(({ choice, votes }, row) => {
        const before = choice.ranking.filter((rank) => rank.every((id) => id !== winner) || rank.length > 1);
        const without = before.map((rank) => rank.filter((id) => id !== winner));
        const was = choice.ranking.findIndex((rank) => rank.includes(winner));
        const place = Math.max(0, (was === -1 ? without.length : was) - rise[row]!);
        return { choice: { ranking: [...without.slice(0, place), [winner], ...without.slice(place)] }, votes };
      });
      expect(count(electionOf('schulze', letters, risen)).winners).toContain(winner);
    }), MANY);
  });

  it('does not elect the only winner when all ballots are reversed', () => {
    fc.assert(fc.property(cases, ({ letters, rows }) => {
      const { winners, ranking } = count(electionOf('schulze', letters, rows));
      const reversed = rows.map(({ choice, votes }) => {
        const last = [...letters].filter((id) => !choice.ranking.flat().includes(id));
        return { choice: { ranking: [last, ...[...choice.ranking].reverse()].filter((rank) => rank.length > 0) }, votes };
      });
      const back = count(electionOf('schulze', letters, reversed));
      if (winners.length === 1) expect(back.winners).not.toContain(winners[0]);
      // An order without ties is turned round as a whole.
      if (ranking.length === letters.length) expect(back.ranking).toEqual([...ranking].reverse());
    }), MANY);
  });
});

describe('instant-runoff', () => {
  it('agrees with counting every ballot anew in each round', () => {
    fc.assert(fc.property(rankings(strict), ({ letters, rows }) => {
      const { rounds, winners, ranking, totalVotes } = count(electionOf('irv', letters, rows));
      let left = [...letters];
      const gone: string[] = [];
      for (const [number, round] of rounds!.entries()) {
        const { counts, exhausted } = naiveRound(left, rows);
        const total = totalVotes - exhausted;
        expect(round).toMatchObject({ counts, exhausted });
        const decided = left.length === 1 || left.some((id) => counts[id]! * 2 > total);
        expect(round.eliminated).toHaveLength(decided ? 0 : 1);
        expect(decided).toBe(number === rounds!.length - 1);
        const [loser] = round.eliminated;
        if (loser === undefined) continue;
        // By the votes of this round, then of each before it, then the lot: the least of them all.
        const reasons = (id: string) => [...rounds!.slice(0, number + 1).reverse().map((earlier) => String(earlier.counts[id]).padStart(3, '0')), lotOf('seed', number + 1, id)].join();
        expect([...left].sort((a, b) => (reasons(a) < reasons(b) ? -1 : 1))[0]).toBe(loser);
        left = left.filter((id) => id !== loser);
        gone.unshift(loser);
      }
      const last = naiveRound(left, rows).counts;
      expect(last[winners[0]!]).toBe(Math.max(...Object.values(last)));
      expect(ranking.slice(ranking.length - gone.length)).toEqual(gone.map((id) => [id]));
    }), { numRuns: 1_000 });
  });

  it('loses no vote, and takes none from who is left', () => {
    fc.assert(fc.property(rankings(strict), ({ letters, rows }) => {
      const { rounds, totalVotes } = count(electionOf('irv', letters, rows));
      for (const [number, { counts, exhausted }] of rounds!.entries()) {
        expect(Object.values(counts).reduce((sum, votes) => sum + votes, 0) + exhausted).toBe(totalVotes);
        const before = rounds![number - 1];
        if (!before) continue;
        expect(exhausted).toBeGreaterThanOrEqual(before.exhausted);
        for (const [id, votes] of Object.entries(counts)) expect(votes).toBeGreaterThanOrEqual(before.counts[id]!);
      }
    }));
  });
});

describe('score and approval', () => {
  it('keep a winner who is given more', () => {
    const give = <C extends Choice>(method: PollMethod, more: (choice: C, winner: string) => C) => {
      const cases = fc.tuple(votesFor(method), fc.nat());
      fc.assert(fc.property(cases, ([{ letters, rows }, chosen]) => {
        const [winner] = count(electionOf(method, letters, rows)).winners as [string];
        const given = rows.map(({ choice, votes }, row) => ({ choice: row === chosen % rows.length ? more(choice as C, winner) : choice, votes }));
        expect(count(electionOf(method, letters, given)).winners).toContain(winner);
      }));
    };
    give<ScoreChoice>('score', ({ scores }, winner) => ({ scores: { ...scores, [winner]: (scores[winner] ?? 0) + 1 } }));
    give<ApprovalChoice>('approval', ({ approve }, winner) => ({ approve: [...new Set([...approve, winner])] }));
  });

  it('agree with adding up ballot by ballot, and with who prefers whom of two', () => {
    fc.assert(fc.property(votesFor('score'), ({ letters, rows }) => {
      const result = count(electionOf('score', letters, rows));
      const given = (choice: Choice, id: string) => (choice as ScoreChoice).scores[id] ?? 0;
      const sum = (of: (choice: Choice) => number) => rows.reduce((total, { choice, votes }) => total + of(choice) * votes, 0);
      for (const id of letters) expect(votesOf(result, id)).toBe(sum((choice) => given(choice, id)));
      const tied = [...letters].filter((id) => votesOf(result, id) === result.candidates[0]!.votes);
      const margin = (a: string, b: string) => sum((choice) => Math.sign(given(choice, a) - given(choice, b)));
      // Whom more voters prefer to each of the tied wins, whatever the lot.
      for (const id of tied) if (tied.every((other) => other === id || margin(id, other) > 0)) expect(result.winners).toEqual([id]);
      expect(tied).toEqual(expect.arrayContaining(result.winners));
    }), { numRuns: 1_000 });
  });
});
