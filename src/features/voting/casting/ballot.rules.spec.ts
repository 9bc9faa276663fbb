import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { POLL_METHODS, type PollMethod } from '../poll.types.js';
import { ballotOf, sealed } from './ballot.rules.js';

const IDS = ['a', 'b', 'c', 'd'];
const pollOf = (method: PollMethod, secrecy: 'named' | 'secret' = 'named') => ({
  method, secrecy, maxScore: 5, candidates: IDS.map((id) => ({ id, name: id, description: null, withdrawn: false })),
});
const FIELDS = { single: 'candidateId', approval: 'approve', score: 'scores', irv: 'ranking', schulze: 'ranking' } as const;
const field = fc.constantFrom(...Object.values(FIELDS), 'opinion', 'nonce', '__proto__', 'constructor');
const ids = fc.constantFrom(...IDS, 'nobody');
const value = fc.oneof(fc.jsonValue(), ids, fc.array(ids), fc.array(fc.array(ids)), fc.dictionary(ids, fc.integer({ min: -1, max: 6 })));
const nonce = fc.constantFrom('short', 'x'.repeat(22), 'ä'.repeat(30));

it('makes of anything a ballot, or says what is wrong with it', () => {
  let ballots = 0;
  fc.assert(
    fc.property(fc.constantFrom(...POLL_METHODS), fc.boolean(), value, nonce, fc.array(fc.tuple(field, value), { maxLength: 1 }), (method, isSecret, content, someNonce, more) => {
      try {
        const body = { [FIELDS[method]]: content, ...(isSecret && { nonce: someNonce }), ...Object.fromEntries(more) };
        ballotOf(pollOf(method, isSecret ? 'secret' : 'named'), body);
        ballots += 1;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        expect(['request.invalid', 'poll.unknown-candidate', 'ballot.invalid']).toContain(error.code);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(ballots).toBeGreaterThan(20);
});

describe('ballots that say the same', () => {
  const same = (method: PollMethod, one: object, other: object) =>
    expect(sealed(ballotOf(pollOf(method), one as Record<string, unknown>).choice)).toEqual(sealed(ballotOf(pollOf(method), other as Record<string, unknown>).choice));

  it('have one spelling, however they were sent', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(IDS, { minLength: 1 }), fc.func(fc.integer({ min: 0, max: 5 })), (ids, score) => {
        const sorted = [...ids].sort();
        same('approval', { approve: ids }, { approve: sorted });
        same('schulze', { ranking: [ids] }, { ranking: [sorted] });
        const scoresOf = (order: readonly string[]) => ({ scores: Object.fromEntries(order.map((id) => [id, score(id)])) });
        same('score', scoresOf(ids), scoresOf(sorted));
        same('score', scoresOf(sorted), { scores: Object.fromEntries(ids.map((id) => [score(id) % 2 === 0 ? id.toUpperCase() : id, score(id)])) });
        same('schulze', { ranking: [ids] }, { ranking: [ids.map((id) => id.toUpperCase())] });
      }),
    );
  });

  it('and others do not', () => {
    const hashes = [[['a'], ['b']], [['b'], ['a']], [['a', 'b']], [['a']]].map((ranking) => sealed(ballotOf(pollOf('schulze'), { ranking }).choice).hash.toString('hex'));
    expect(new Set(hashes).size).toBe(4);
  });
});
