import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { electionOf, rankedElection } from '../../../../test/support/elections.js';
import { POLL_METHODS, type PollMethod } from '../poll.types.js';
import { count } from './count.rules.js';
import { lotOf } from './lot.rules.js';

const TENNESSEE = '42:M>N>C>K 26:N>C>K>M 15:C>K>N>M 17:K>C>N>M';
const BURLINGTON = '1332:M>K>W 767:M>W>K 455:M 2043:K>M>W 371:K>W>M 568:K 1513:W>M>K 495:W>K>M 1289:W';
const FORTY_FIVE = '5:A>C>B>E>D 5:A>D>E>C>B 8:B>E>D>A>C 3:C>A>B>E>D 7:C>A>E>B>D 2:C>B>A>D>E 7:D>C>E>B>A 8:E>B>A>D>C';

/** Rows and columns are A, B, C, …. */
const table = (letters: string, rows: (number | null)[][]) =>
  Object.fromEntries([...letters].map((a, row) => [a, Object.fromEntries([...letters].flatMap((b, column) => (row === column ? [] : [[b, rows[row]![column]!]])))]));

describe('the capital of Tennessee', () => {
  it('is Memphis by plurality', () => {
    expect(count(rankedElection('single', 'MNCK', TENNESSEE))).toEqual({
      candidates: [
        { candidateId: 'M', name: 'M', votes: 42 }, { candidateId: 'N', name: 'N', votes: 26 },
        { candidateId: 'K', name: 'K', votes: 17 }, { candidateId: 'C', name: 'C', votes: 15 },
      ],
      winners: ['M'], ranking: [['M'], ['N'], ['K'], ['C']], totalVotes: 100,
      explanation: 'M wins with the votes of 42 of 100 voters.',
    });
  });

  it('is Knoxville by instant-runoff, in three rounds', () => {
    const { candidates, rounds, ...result } = count(rankedElection('irv', 'MNCK', TENNESSEE));
    expect(candidates.map(({ candidateId, votes }) => [candidateId, votes])).toEqual([['M', 42], ['N', 26], ['K', 17], ['C', 15]]);
    expect(rounds).toEqual([
      { counts: { M: 42, N: 26, C: 15, K: 17 }, exhausted: 0, eliminated: ['C'] },
      { counts: { M: 42, N: 26, K: 32 }, exhausted: 0, eliminated: ['N'] },
      { counts: { M: 42, K: 58 }, exhausted: 0, eliminated: [] },
    ]);
    expect(result).toEqual({
      winners: ['K'], ranking: [['K'], ['M'], ['N'], ['C']], totalVotes: 100,
      explanation: 'K wins with 58 of 100 votes after 3 rounds. '
        + 'Round 1: M 42, N 26, K 17 and C 15. C had the fewest votes (15) and was eliminated; of those votes 15 went to K. '
        + 'Round 2: M 42, K 32 and N 26. N had the fewest votes (26) and was eliminated; of those votes 26 went to K. '
        + 'Round 3: K 58 and M 42.',
    });
  });

  it('is Nashville by Schulze\'s method, preferred to each other city', () => {
    expect(count(rankedElection('schulze', 'MNCK', TENNESSEE))).toMatchObject({
      winners: ['N'], ranking: [['N'], ['C'], ['K'], ['M']], totalVotes: 100,
      pairwise: { M: { N: 42, C: 42, K: 42 }, N: { M: 58, C: 68, K: 68 }, C: { M: 58, N: 32, K: 83 }, K: { M: 58, N: 32, C: 17 } },
      strengths: { M: { N: 0, C: 0, K: 0 }, N: { M: 58, C: 68, K: 68 }, C: { M: 58, N: 0, K: 83 }, K: { M: 58, N: 0, C: 0 } },
      explanation: 'N wins, preferred by more voters to each other candidate: 68 to 32 against C, 68 to 32 against K and 58 to 42 against M. The order: N; then C; then K; then M.',
    });
  });
});

describe('Burlington 2009, three candidates', () => {
  it('is won by Wright with the most first preferences', () => {
    expect(count(rankedElection('single', 'WKM', BURLINGTON))).toMatchObject({
      winners: ['W'], totalVotes: 8833, candidates: [{ candidateId: 'W', votes: 3297 }, { candidateId: 'K', votes: 2982 }, { candidateId: 'M', votes: 2554 }],
    });
  });

  it('is won by Kiss in the runoff, with exhausted ballots', () => {
    const { winners, ranking, rounds, explanation } = count(rankedElection('irv', 'WKM', BURLINGTON));
    expect({ winners, ranking }).toEqual({ winners: ['K'], ranking: [['K'], ['W'], ['M']] });
    expect(rounds).toEqual([
      { counts: { W: 3297, K: 2982, M: 2554 }, exhausted: 0, eliminated: ['M'] },
      { counts: { W: 4064, K: 4314 }, exhausted: 455, eliminated: [] },
    ]);
    expect(explanation).toContain('K wins with 4314 of 8378 votes after 2 rounds. 455 of 8833 ballots no longer counted');
    expect(explanation).toContain('1332 went to K, 767 went to W and 455 went to nobody.');
  });

  it('has Montroll as its Condorcet winner', () => {
    expect(count(rankedElection('schulze', 'WKM', BURLINGTON))).toMatchObject({ winners: ['M'], ranking: [['M'], ['K'], ['W']] });
  });
});

describe('Schulze\'s method', () => {
  it('finds the paths that Schulze found among 45 voters', () => {
    const result = count(rankedElection('schulze', 'ABCDE', FORTY_FIVE));
    expect(result).toMatchObject({ winners: ['E'], ranking: [['E'], ['A'], ['C'], ['B'], ['D']] });
    expect(result.pairwise).toEqual(table('ABCDE', [[null, 20, 26, 30, 22], [25, null, 16, 33, 18], [19, 29, null, 17, 24], [15, 12, 28, null, 14], [23, 27, 21, 31, null]]));
    expect(result.strengths).toEqual(table('ABCDE', [[null, 28, 28, 30, 24], [25, null, 28, 33, 24], [25, 29, null, 29, 24], [25, 28, 28, null, 24], [25, 28, 28, 31, null]]));
    expect(result.explanation).toMatch(/^E wins by the strongest paths, since nobody is preferred by more voters to each other candidate: 25 to 24 against A, 28 to 24 against C,/);
  });

  // Examples of M. Schulze's paper, by their numbers there or what they show.
  it.each([
    ['example 1', 'ABCD', '8:A>C>D>B 2:B>A>D>C 4:C>D>B>A 4:D>B>A>C 3:D>C>B>A', 'D'],
    ['example 2', 'ABCD', '3:A>B>C>D 2:C>B>D>A 2:D>A>B>C 2:D>B>C>A', 'BD'],
    ['example 3', 'ABCD', '12:A>B>C>D 6:A>D>B>C 9:B>C>D>A 15:C>D>A>B 21:D>B>A>C', 'D'],
    ['example 4', 'ABCD', '6:A>C>D>B 1:B>A>D>C 3:C>B>D>A 3:D>B>A>C 2:D>C>B>A', 'AD'],
    ['before two more vote', 'ABCDEF', '3:A>D>E>B>C>F 3:B>F>E>C>D>A 4:C>A>B>F>D>E 1:D>B>C>E>F>A 4:D>E>F>A>B>C 2:E>C>B>D>F>A 2:F>A>C>D>B>E', 'A'],
    ['two more for the winner, no-show paradox', 'ABCDEF', '3:A>D>E>B>C>F 3:B>F>E>C>D>A 4:C>A>B>F>D>E 1:D>B>C>E>F>A 4:D>E>F>A>B>C 2:E>C>B>D>F>A 2:F>A>C>D>B>E 2:A>E>F>C>B>D', 'D'],
    ['before a weak candidate stands', 'ABCD', '3:A>B>D>C 5:A>D>B>C 1:A>D>C>B 2:B>A>D>C 2:B>D>C>A 4:C>A>B>D 6:C>B>A>D 2:D>B>C>A 5:D>C>A>B', 'A'],
    ['the same with the weak candidate', 'ABCDE', '3:A>B>D>E>C 5:A>D>E>B>C 1:A>D>E>C>B 2:B>A>D>E>C 2:B>D>E>C>A 4:C>A>B>D>E 6:C>B>A>D>E 2:D>B>E>C>A 5:D>E>C>A>B', 'B'],
    ['equal ranks, where only winning votes elect D', 'ABCD', '6:A>B>C>D 8:A=B>C=D 8:A=C>B=D 18:A=C>D>B 8:A=C=D>B 40:B>A=C=D 4:C>B>D>A 9:C>D>A>B 8:C=D>A=B 14:D>A>B>C 11:D>B>C>A 4:D>C>A>B', 'D'],
    ['the last of each ballot left out', 'ABCDE', '9:A>D>B>E 6:B>C>A>D 5:B>C>D>E 2:C>D>B>E 6:D>E>C>B 14:E>A>C>B 2:E>C>A>B 1:E>D>A>C', 'B'],
    ['the same with other voters', 'ABCDE', '9:A>D>B>E 1:B>A>C>E 6:C>B>A>D 2:C>D>B>E 5:C>D>E>A 6:D>E>C>A 14:E>B>A>C 2:E>B>C>A', 'E'],
    ['a circle of three that nobody gets out of', 'ABC', '1:A>B>C 1:B>C>A 1:C>A>B', 'ABC'],
  ])('%s', (_, letters, ballots, winners) => {
    expect(count(rankedElection('schulze', letters, ballots)).winners).toEqual([...winners]);
  });

  it('ranks in layers where ties stand', () => {
    const result = count(rankedElection('schulze', 'ABCD', '3:A>B>C>D 2:C>B>D>A 2:D>A>B>C 2:D>B>C>A'));
    expect(result.ranking).toEqual([['B', 'D'], ['A', 'C']]);
    expect(result.explanation).toMatch(/^B and D tie: .*The order: B and D; then A and C\.$/);
  });

  it('puts the unranked last, and equal', () => {
    const { pairwise } = count(rankedElection('schulze', 'ABCD', '2:A 1:B=C'));
    expect(pairwise).toEqual(table('ABCD', [[null, 2, 2, 2], [1, null, 0, 1], [1, 0, null, 1], [0, 0, 0, null]]));
  });

  it('goes by the first of two mentions', () => {
    expect(count(rankedElection('schulze', 'ABC', '1:A>B>A>C'))).toEqual(count(rankedElection('schulze', 'ABC', '1:A>B>C')));
    expect(count(rankedElection('schulze', 'ABC', '2:B=B>A'))).toMatchObject({ pairwise: { B: { A: 2, C: 2 }, A: { C: 2 } } });
  });

  it('counts everybody of a first rank as a first preference', () => {
    expect(count(rankedElection('schulze', 'ABCD', '2:D>A=B>C', { withdrawn: 'D' })).candidates.map(({ candidateId, votes }) => [candidateId, votes]))
      .toEqual([['A', 2], ['B', 2], ['C', 0]]);
  });
});

describe('instant-runoff', () => {
  it.each([
    ['Bob, Sue (U) and Bill (I)', 'BUI', '2:B>I>U 2:U>B>I 1:I>U>B', 'U'],
    ['more votes for the winner', 'ABC', '39:A>B>C 35:B>C>A 26:C>A>B', 'A'],
    ['would have made him lose', 'ABC', '49:A>B>C 25:B>C>A 26:C>A>B', 'C'],
    ['a winner by 18 of 29', 'ABC', '7:A>B>C 8:B>C>A 10:C>A>B 4:A>C>B', 'C'],
    ['who loses with 4 votes more', 'ABC', '7:A>B>C 8:B>C>A 10:C>A>B 4:C>A>B', 'B'],
  ])('%s', (_, letters, ballots, winner) => {
    expect(count(rankedElection('irv', letters, ballots)).winners).toEqual([winner]);
  });

  it('stops at more than half of the votes that still count, not at half', () => {
    expect(count(rankedElection('irv', 'ABC', '5:A 3:B 2:C>B', { seed: 'x' })).rounds).toHaveLength(3);
    expect(count(rankedElection('irv', 'ABC', '6:A 3:B 2:C>B')).rounds).toHaveLength(1);
    // 5 of 8 are more than half when two ballots are exhausted.
    expect(count(rankedElection('irv', 'ABC', '5:A 3:B 2:C')).rounds).toEqual([
      { counts: { A: 5, B: 3, C: 2 }, exhausted: 0, eliminated: ['C'] },
      { counts: { A: 5, B: 3 }, exhausted: 2, eliminated: [] },
    ]);
  });

  it('ranks who was left by votes, ties in a layer', () => {
    expect(count(rankedElection('irv', 'ABCD', '7:A 2:D 2:B 1:C')).ranking).toEqual([['A'], ['B', 'D'], ['C']]);
  });

  it('breaks a tie for the fewest by the latest earlier round that tells them apart', () => {
    const tied = count(rankedElection('irv', 'ABCDE', '9:A 4:B 5:C 3:D>B 1:D>B 1:E>D 2:E>B'));
    expect(tied.rounds).toEqual([
      { counts: { A: 9, B: 4, C: 5, D: 4, E: 3 }, exhausted: 0, eliminated: ['E'] },
      { counts: { A: 9, B: 6, C: 5, D: 5 }, exhausted: 0, eliminated: ['D'] },
      { counts: { A: 9, B: 10, C: 5 }, exhausted: 1, eliminated: ['C'] },
      { counts: { A: 9, B: 10 }, exhausted: 6, eliminated: [] },
    ]);
    expect(tied.explanation).toContain('C and D had the fewest votes (5 each); D was eliminated, having had the fewest of them in round 1');
  });
});

describe('a lot', () => {
  it('is SHA-256 of the seed, the round and the candidate', () => {
    expect(lotOf('5eed', 3, 'ann')).toBe(createHash('sha256').update('5eed|3|ann').digest('hex'));
  });

  it.each(['a', 'b', 'c', 'd', 'e', 'f'])('eliminates the lowest in instant-runoff, with the seed %s', (seed) => {
    const [loser, winner] = ['A', 'B'].sort((a, b) => (lotOf(seed, 1, a) < lotOf(seed, 1, b) ? -1 : 1)) as [string, string];
    const result = count(rankedElection('irv', 'AB', '3:A>B 3:B', { seed }));
    expect(result).toMatchObject({ winners: [winner], ranking: [[winner], [loser]] });
    expect(result.rounds!.map(({ eliminated }) => eliminated)).toEqual([[loser], []]);
    expect(result.explanation).toContain(`A and B had the fewest votes (3 each); ${loser} was eliminated, by lot`);
  });

  it.each(['a', 'b', 'c', 'd', 'e', 'f'])('is drawn anew in each round, with the seed %s', (seed) => {
    const lowest = (round: number, ids: string[]) => ids.sort((a, b) => (lotOf(seed, round, a) < lotOf(seed, round, b) ? -1 : 1))[0]!;
    const first = lowest(1, ['B', 'C', 'D']);
    const second = lowest(2, ['B', 'C', 'D'].filter((id) => id !== first));
    expect(count(rankedElection('irv', 'ABCD', '3:A 2:B 2:C 2:D', { seed })).rounds!.slice(0, 2).map(({ eliminated }) => eliminated)).toEqual([[first], [second]]);
  });

  it.each(['a', 'b', 'c', 'd', 'e', 'f'])('lets the lowest lose among equal scores, with the seed %s', (seed) => {
    const order = ['A', 'B', 'C'].sort((a, b) => (lotOf(seed, 1, a) > lotOf(seed, 1, b) ? -1 : 1));
    const result = count(electionOf('score', 'ABC', [{ choice: { scores: { A: 3, B: 3, C: 3 } }, votes: 2 }], { seed }));
    expect(result).toMatchObject({ winners: [order[0]], ranking: order.map((id) => [id]) });
    expect(result.explanation).toBe(`A, B and C have 6 points each. Comparing them voter by voter did not settle it, so a lot did: ${order[0]} wins.`);
  });
});

describe('score', () => {
  const scores = (...rows: [number, Record<string, number>][]) => rows.map(([votes, given]) => ({ choice: { scores: given }, votes }));

  it('goes by the sum', () => {
    expect(count(electionOf('score', 'ABC', scores([3, { A: 5, B: 4 }], [2, { B: 5, C: 1 }])))).toEqual({
      candidates: [{ candidateId: 'B', name: 'B', votes: 22 }, { candidateId: 'A', name: 'A', votes: 15 }, { candidateId: 'C', name: 'C', votes: 2 }],
      winners: ['B'], ranking: [['B'], ['A'], ['C']], totalVotes: 5,
      explanation: 'B wins with 22 points from 5 voters.',
    });
  });

  it('prefers among equal sums whom more voters prefer', () => {
    const result = count(electionOf('score', 'ABC', scores([1, { A: 4, B: 0, C: 1 }], [2, { A: 1, B: 3 }])));
    expect(result).toMatchObject({ winners: ['B'], ranking: [['B'], ['A'], ['C']] });
    expect(result.explanation).toBe('A and B have 6 points each. Comparing them voter by voter, B comes first and wins.');
  });

  it('breaks ties also among ids that objects have a meaning for', () => {
    const candidates = ['constructor', 'toString'].map((id) => ({ id, name: id, withdrawn: false }));
    expect(count({ method: 'score', candidates, tally: scores([1, { constructor: 2 }], [2, { toString: 1 }] as never), seed: '' }).winners).toEqual(['toString']);
  });

  it('elects one candidate as soon as anybody has voted, be it with scores of 0', () => {
    expect(count(electionOf('score', 'ABC', scores([1, { A: 0 }]))).winners).toEqual([['A', 'B', 'C'].sort((a, b) => (lotOf('seed', 1, a) > lotOf('seed', 1, b) ? -1 : 1))[0]]);
  });

  it('compares only those who are tied, and those again who are still level', () => {
    // 6 points each for A, B and C. Among these A is preferred to B, B to C, and C to nobody; D is out of it.
    const tie = scores([2, { A: 3, B: 2, C: 1, D: 5 }], [1, { A: 0, B: 2, C: 4, D: 5 }]);
    expect(count(electionOf('score', 'ABCD', tie)).ranking).toEqual([['D'], ['A'], ['B'], ['C']]);
    // 5 points each. B and C win one comparison more than they lose, and C is preferred to B.
    const level = count(electionOf('score', 'ABCD', scores([1, { A: 2, B: 3, C: 0, D: 2 }], [1, { A: 3, B: 1, C: 3, D: 3 }], [1, { A: 0, B: 1, C: 2, D: 0 }])));
    expect(level.ranking.slice(0, 2)).toEqual([['C'], ['B']]);
    expect(level.explanation).toContain('C comes first and wins');
  });

  it('takes no score for a score of 0', () => {
    const tie = scores([1, { A: 2, B: 0, C: 1 }], [1, { B: 2 }], [1, { A: 0, C: 0 }], [1, { C: 1 }]);
    // 2 points each. C comes before B twice and after once; A is level with both.
    expect(count(electionOf('score', 'ABC', tie))).toMatchObject({
      winners: ['C'], explanation: 'A, B and C have 2 points each. Comparing them voter by voter, C comes first and wins.',
    });
  });
});

describe('approval', () => {
  it('counts voters, and lets a tie stand', () => {
    expect(count(electionOf('approval', 'ABC', [{ choice: { approve: ['A', 'B'] }, votes: 3 }, { choice: { approve: ['B', 'C'] }, votes: 1 }, { choice: { approve: ['A'] }, votes: 1 }]))).toEqual({
      candidates: [{ candidateId: 'A', name: 'A', votes: 4 }, { candidateId: 'B', name: 'B', votes: 4 }, { candidateId: 'C', name: 'C', votes: 1 }],
      winners: ['A', 'B'], ranking: [['A', 'B'], ['C']], totalVotes: 5,
      explanation: 'A and B tie with the votes of 4 of 5 voters each.',
    });
  });
});

describe('every method', () => {
  const naming = (method: PollMethod, ...ids: string[]) => {
    if (method === 'single') return { candidateId: ids[0]! };
    if (method === 'approval') return { approve: ids };
    if (method === 'score') return { scores: Object.fromEntries(ids.map((id, place) => [id, ids.length - place])) };
    return { ranking: ids.map((id) => [id]) };
  };

  it.each(POLL_METHODS)('has nobody win before anybody has voted: %s', (method) => {
    for (const tally of [[], [{ choice: naming(method, 'A'), votes: 0 }]]) {
      const result = count(electionOf(method, 'BA', tally));
      expect(result).toMatchObject({
        winners: [], ranking: [['A', 'B']], totalVotes: 0, candidates: [{ candidateId: 'A', name: 'A', votes: 0 }, { candidateId: 'B', name: 'B', votes: 0 }],
        explanation: 'Nobody has voted for a candidate yet, so nobody wins.',
      });
      if (method === 'irv') expect(result.rounds).toEqual([{ counts: { A: 0, B: 0 }, exhausted: 0, eliminated: [] }]);
      if (method === 'schulze') expect(result.strengths).toEqual({ A: { B: 0 }, B: { A: 0 } });
    }
  });

  it.each(POLL_METHODS)('counts as voters also those who named only withdrawn candidates: %s', (method) => {
    const result = count(electionOf(method, 'ABC', [{ choice: naming(method, 'C'), votes: 5 }, { choice: naming(method, 'B'), votes: 2 }], { withdrawn: 'C' }));
    expect(result).toMatchObject({ winners: ['B'], ranking: [['B'], ['A']], totalVotes: 7, candidates: [{ candidateId: 'B' }, { candidateId: 'A', votes: 0 }] });
    if (method === 'irv') expect(result.rounds).toEqual([{ counts: { A: 0, B: 2 }, exhausted: 5, eliminated: [] }]);
  });

  it.each(POLL_METHODS.filter((method) => method !== 'score'))('has nobody win while only withdrawn candidates have votes: %s', (method) => {
    const result = count(electionOf(method, 'ABC', [{ choice: naming(method, 'C'), votes: 5 }], { withdrawn: 'C' }));
    expect(result).toMatchObject({ winners: [], ranking: [['A', 'B']], totalVotes: 5 });
    if (method === 'irv') expect(result.rounds).toEqual([{ counts: { A: 0, B: 0 }, exhausted: 5, eliminated: [] }]);
  });

  it.each(POLL_METHODS)('bears that everybody has withdrawn: %s', (method) => {
    expect(count(electionOf(method, 'A', [{ choice: naming(method, 'A'), votes: 1 }], { withdrawn: 'A' }))).toMatchObject({ candidates: [], winners: [], ranking: [], totalVotes: 1 });
  });

  it.each(POLL_METHODS)('has the only candidate win: %s', (method) => {
    expect(count(electionOf(method, 'A', [{ choice: naming(method, 'A'), votes: 1 }]))).toMatchObject({ winners: ['A'], ranking: [['A']] });
  });

  it.each(POLL_METHODS)('bears ids that objects have a meaning for: %s', (method) => {
    const ids = ['__proto__', 'constructor', 'toString'];
    const result = count({
      method, candidates: ids.map((id) => ({ id, name: id, withdrawn: false })), seed: '',
      tally: [{ choice: naming(method, '__proto__', 'toString'), votes: 2 }, { choice: naming(method, 'constructor'), votes: 1 }],
    });
    // The tie of approvals is by design; everywhere else the first of the two is ahead.
    expect(result.winners).toEqual(method === 'approval' ? ['__proto__', 'toString'] : ['__proto__']);
    if (method === 'irv') expect(Object.entries(result.rounds![0]!.counts)).toEqual([['__proto__', 2], ['constructor', 1], ['toString', 0]]);
    if (method === 'schulze') expect(Object.keys(result.pairwise!)).toEqual(ids);
  });

  it.each(POLL_METHODS)('explains itself in less than 2,000 characters, however many have however long names: %s', (method) => {
    const candidates = Array.from({ length: 100 }, (_, number) => ({ id: `${number}`, name: `${number} ${'🙂'.repeat(100)}`, withdrawn: false }));
    const rows = candidates.map(({ id }, number) => ({ choice: naming(method, id, `${(number * 7 + 3) % 100}`, `${(number * 31 + 5) % 100}`), votes: 1 + (number % 10) }));
    for (const tally of [rows, rows.map((row) => ({ ...row, votes: 1 }))]) {
      const { explanation } = count({ method, candidates, tally, seed: 'seed' });
      expect(explanation!.length).toBeLessThanOrEqual(2000);
      expect(explanation!.isWellFormed()).toBe(true);
      expect(explanation).toMatch(/ (wins|tie)/);
    }
  });

  it('says how many rounds an explanation leaves out', () => {
    const letters = Array.from({ length: 60 }, (_, number) => String.fromCodePoint(0x3b1 + number)).join('');
    const tally = [...letters].map((id, place) => ({ choice: { ranking: [[id]] }, votes: place + 1 }));
    const { explanation, rounds } = count(electionOf('irv', letters, tally));
    const [, left] = /\((\d+) rounds left out here\.\)/.exec(explanation!)!;
    expect(explanation!.match(/Round \d+:/g)).toEqual(Array.from({ length: rounds!.length - Number(left) }, (_, step) => `Round ${Number(left) + step + 1}:`));
  });

  it('refuses equal ranks in instant-runoff', () => {
    expect(() => count(rankedElection('irv', 'ABC', '1:A=B>C'))).toThrow('equal');
  });
});
