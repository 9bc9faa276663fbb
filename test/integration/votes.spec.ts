import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BallotBoxes } from '../../src/features/voting/casting/ballot-boxes.service.js';
import { BallotRepository } from '../../src/features/voting/casting/ballot.repository.js';
import { sealed } from '../../src/features/voting/casting/ballot.rules.js';
import { BallotStore } from '../../src/features/voting/casting/ballot-store.service.js';
import type { BallotBox, Outcome, Vote } from '../../src/features/voting/casting/casting.types.js';
import { VoteIntake } from '../../src/features/voting/casting/vote-intake.service.js';
import { secretReceipt } from '../../src/features/voting/chain.rules.js';
import { PollGuardRepository } from '../../src/features/voting/poll-guard.repository.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { eventually } from '../support/eventually.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { givenPoll, type GivenPoll, type GivenPollOptions } from '../support/given-polls.js';
import { pollViolations } from '../support/polls-invariants.js';

let app: TestApp;
let transactions: Transactions;
let database: Database;
let store: BallotStore;

beforeAll(async () => {
  app = await createTestApp();
  transactions = app.app.get(Transactions);
  database = app.app.get(Database);
  store = app.app.get(BallotStore);
});
afterEach(async () => expect(await pollViolations(database)).toEqual([]));
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => app.close());

async function given(options: GivenPollOptions = {}): Promise<{ poll: GivenPoll; box: BallotBox }> {
  const poll = await givenPoll(transactions, { electorate: 'public', ...options });
  return { poll, box: (await app.app.get(BallotBoxes).get(poll.id))! };
}
const voteFor = (candidateId: string, about: Partial<Vote> = {}): Vote => ({ voterId: randomUUID(), edition: 1, choice: sealed({ candidateId }), receipt: randomUUID(), ...about });
const votesFor = ({ candidates }: GivenPoll, count: number): Vote[] => Array.from({ length: count }, (_, i) => voteFor(candidates[i % candidates.length]!));
const stored = async ({ id }: GivenPoll): Promise<number> => Number((await database.rows<{ n: number }>('SELECT COUNT(*) AS n FROM poll_ballot WHERE poll_id = ?', [id]))[0]!.n);
const codes = (outcomes: readonly Outcome[]) => outcomes.map((outcome) => (outcome instanceof Error ? (outcome as { code?: string }).code : 'stored'));

describe('a batch', () => {
  it('that loses its answer to the commit is not stored twice when it is tried again, and every vote is told its receipt', async () => {
    const { poll, box } = await given();
    const votes = votesFor(poll, 10);
    const first = await store.store(box, votes);
    // What a client in the same process would see whose first try was committed after all.
    const run = transactions.run.bind(transactions);
    let attempts = 0;
    jest.spyOn(transactions, 'run').mockImplementation(async (work) => {
      await run(work).catch((error: unknown) => error);
      attempts += 1;
      return run(work);
    });
    const lost = votesFor(poll, 10);
    const again = await store.store(box, lost);
    expect(attempts).toBe(1);
    expect(again.map((outcome) => (outcome as { receipt: string }).receipt)).toEqual(lost.map(({ receipt }) => receipt));
    expect(codes(first)).toEqual(Array(10).fill('stored'));
    expect(await stored(poll)).toBe(20);
  });

  it.each([
    ['a name that cannot be resolved', { code: 'ENOTFOUND', errno: -3008 }, 'server.busy'],
    ['a host that cannot be reached', { code: 'EHOSTUNREACH', errno: -113, fatal: true }, 'server.busy'],
    ['a database that takes no writes', { errno: 1290 }, 'server.busy'],
  ])('that fails for %s is not tried in halves', async (_, fault, code) => {
    const { poll, box } = await given();
    const run = jest.spyOn(transactions, 'run').mockRejectedValue(Object.assign(new Error('no'), fault));
    expect(codes(await store.store(box, votesFor(poll, 8)))).toEqual(Array(8).fill(code));
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('with a vote that the database refuses stores all others', async () => {
    const { poll, box } = await given();
    const votes = votesFor(poll, 40);
    const poison = voteFor(poll.candidates[0]!, { receipt: 'x'.repeat(200) });
    const outcomes = await store.store(box, [...votes.slice(0, 23), poison, ...votes.slice(23)]);
    expect(codes(outcomes.filter((_, i) => i !== 23))).toEqual(Array(40).fill('stored'));
    expect(outcomes[23]).toBeInstanceOf(Error);
    expect(await stored(poll)).toBe(40);
  });

  it('is tried again as a whole after a deadlock, and leaves nothing of the first try', async () => {
    const { poll, box } = await given();
    const link = PollGuardRepository.prototype.link;
    let failures = 2;
    jest.spyOn(app.app.get(PollGuardRepository), 'link').mockImplementation(async function (this: PollGuardRepository, ...parameters) {
      await link.apply(this, parameters);
      if (failures-- > 0) throw Object.assign(new Error('Deadlock found'), { errno: 1213 });
    });
    expect(codes(await store.store(box, votesFor(poll, 5)))).toEqual(Array(5).fill('stored'));
    expect(await stored(poll)).toBe(5);
  });

  it('that meets a lost connection answers that nobody knows, and a retry finds out', async () => {
    const { poll, box } = await given({ secrecy: 'secret' });
    const nonces = ['one', 'two'].map((one) => one.padEnd(22, 'x'));
    const votes = nonces.map((nonce) => voteFor(poll.candidates[0]!, { receipt: secretReceipt(poll.id, nonce) }));
    const run = transactions.run.bind(transactions);
    jest.spyOn(transactions, 'run').mockImplementationOnce(async (work) => {
      await run(work);
      throw Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
    });
    expect(codes(await store.store(box, votes))).toEqual(['server.busy', 'server.busy']);
    const again = await store.store(box, votes);
    expect(again).toEqual(votes.map(({ receipt }) => ({ receipt, replayed: true })));
    expect(await stored(poll)).toBe(2);
  });

  it('of any size, split and repeated in any way, by two writers, adds up to each voter\'s first vote', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ voter: fc.nat(12), candidate: fc.nat(2), writer: fc.nat(1) }), { minLength: 1, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (casts, sizes) => {
          const { poll, box } = await given();
          const voters = Array.from({ length: 13 }, () => randomUUID());
          const batches: { writer: number; votes: Vote[] }[] = [];
          for (let at = 0, n = 0; at < casts.length; n += 1) {
            const size = sizes[n % sizes.length]!;
            const votes = casts.slice(at, at + size).map(({ voter, candidate }) => voteFor(poll.candidates[candidate]!, { voterId: voters[voter]! }));
            batches.push({ writer: casts[at]!.writer, votes });
            at += size;
          }
          const write = async (writer: number): Promise<Outcome[]> => {
            const outcomes: Outcome[] = [];
            for (const batch of batches) if (batch.writer === writer) outcomes.push(...(await store.store(box, batch.votes)));
            return outcomes;
          };
          const outcomes = (await Promise.all([write(0), write(1)])).flat();
          const distinct = new Set(casts.map(({ voter }) => voter)).size;
          expect(codes(outcomes).filter((code) => code === 'stored')).toHaveLength(distinct);
          expect(codes(outcomes).filter((code) => code === 'poll.already-voted')).toHaveLength(casts.length - distinct);
          expect(await stored(poll)).toBe(distinct);
          expect(await pollViolations(database)).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});

it('a vote for a draft that was edited before it opened is none, however long it waited', async () => {
  const { poll, box } = await given({ secrecy: 'secret' });
  const before = voteFor(poll.candidates[0]!);
  await transactions.run((tx) => tx.write('UPDATE poll_guard SET edition = edition + 1 WHERE poll_id = ?', [poll.id]));
  expect(codes(await store.store(box, [before, voteFor(poll.candidates[0]!, { edition: 2 })]))).toEqual(['server.busy', 'stored']);
});

describe('a close', () => {
  it('that races 1,000 voters of two writers leaves exactly those counted that were accepted', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { poll, box } = await given();
      const intakes = [app.app.get(VoteIntake), new VoteIntake(store)];
      const accepted: string[] = [];
      const refused: string[] = [];
      // Each goes on as another voter until it is refused, so that the close is in the midst of it.
      const voting = Array.from({ length: 1_000 }, async (_, i) => {
        while (refused[i] === undefined) {
          await intakes[i % 2]!.cast(box, voteFor(poll.candidates[i % 3]!)).then(({ receipt }) => accepted.push(receipt), (error: { code: string }) => (refused[i] = error.code));
        }
      });
      await eventually(() => expect(accepted.length).toBeGreaterThan(300));
      await transactions.run(async (tx) => {
        const guard = app.app.get(PollGuardRepository);
        await guard.enter(tx, poll.id);
        await guard.shut(tx, poll.id, 'closed');
      });
      const counted = await stored(poll);
      await Promise.all(voting);
      expect(new Set(refused)).toEqual(new Set(['poll.not-open']));
      expect(accepted.length).toBe(counted);
      expect((await database.rows<{ id: string }>('SELECT id FROM poll_ballot WHERE poll_id = ?', [poll.id])).map(({ id }) => id).sort()).toEqual(accepted.sort());
    }
  }, 60_000);
});

describe('a secret poll', () => {
  it('stores votes with others, sixteen at the least where they come, and at once when the process ends', async () => {
    const { poll, box } = await given({ secrecy: 'secret' });
    const intake = new VoteIntake(store);
    const cast = (count: number) => Promise.all(votesFor(poll, count).map((vote) => intake.cast(box, vote)));
    const spied = jest.spyOn(store, 'store');
    const few = cast(15);
    expect(spied).not.toHaveBeenCalled();
    const last = cast(1);
    await Promise.all([few, last]);
    expect(spied.mock.calls.map(([, votes]) => votes.length)).toEqual([16]);
    const alone = cast(1);
    await intake.beforeApplicationShutdown();
    // By now, and not only when two seconds are over.
    expect(spied.mock.calls.map(([, votes]) => votes.length)).toEqual([16, 1]);
    await alone;
    await cast(2);
    expect(await stored(poll)).toBe(19);
  });

  it('counts voters as company, and not what one of them sends again and again', async () => {
    const { poll, box } = await given({ secrecy: 'secret' });
    const intake = new VoteIntake(store);
    const spied = jest.spyOn(store, 'store');
    const alone = intake.cast(box, voteFor(poll.candidates[0]!));
    const voterId = randomUUID();
    const crowd = Array.from({ length: 40 }, () => intake.cast(box, voteFor(poll.candidates[0]!, { voterId })));
    expect(spied).not.toHaveBeenCalled();
    const others = Array.from({ length: 14 }, () => intake.cast(box, voteFor(poll.candidates[0]!)));
    await Promise.all([alone, ...others]);
    expect((await Promise.allSettled(crowd)).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await stored(poll)).toBe(16);
  });

  it('stores those together who were each other\'s company, however often one of them comes', async () => {
    const { poll, box } = await given({ secrecy: 'secret' });
    const intake = new VoteIntake(store);
    const voterId = randomUUID();
    const first = intake.cast(box, voteFor(poll.candidates[0]!));
    const repeated = Array.from({ length: 300 }, () => intake.cast(box, voteFor(poll.candidates[0]!, { voterId })));
    const others = Array.from({ length: 14 }, () => intake.cast(box, voteFor(poll.candidates[0]!)));
    await Promise.all([first, ...others]);
    const links = await database.rows<{ n: number }>('SELECT COUNT(*) AS n FROM poll_receipt WHERE poll_id = ? GROUP BY link_seq', [poll.id]);
    expect(links.map(({ n }) => Number(n))).toEqual([16]);
    await Promise.allSettled(repeated);
  });

  it('stores ballots in another order than their votes came', async () => {
    const { poll, box } = await given({ secrecy: 'secret' });
    const inserted = jest.spyOn(app.app.get(BallotRepository), 'insert');
    const votes = Array.from({ length: 40 }, (_, i) => voteFor(poll.candidates[0]!, { choice: sealed({ scores: { [poll.candidates[0]!]: i } }) }));
    await store.store(box, votes);
    const order = inserted.mock.calls[0]![2].map(({ choice }) => choice.json);
    expect([...order].sort()).toEqual(votes.map(({ choice }) => choice.json).sort());
    expect(order).not.toEqual(votes.map(({ choice }) => choice.json));
  });
});

it('a stop under load waits for what was there, and not for what goes on coming', async () => {
  const { poll, box } = await given();
  const intake = new VoteIntake(store);
  let isOver = false;
  let told = 0;
  const voter = async (): Promise<void> => {
    while (!isOver) {
      await intake.cast(box, voteFor(poll.candidates[0]!));
      told += 1;
    }
  };
  const voters = Array.from({ length: 64 }, voter);
  await eventually(() => expect(told).toBeGreaterThan(100));
  await intake.beforeApplicationShutdown();
  isOver = true;
  await Promise.all(voters);
  expect(await stored(poll)).toBe(told);
});

it('named votes that come together are stored together', async () => {
  const { poll, box } = await given();
  const spied = jest.spyOn(store, 'store');
  const intake = new VoteIntake(store);
  await Promise.all(votesFor(poll, 600).map((vote) => intake.cast(box, vote)));
  expect(spied.mock.calls.map(([, votes]) => votes.length)).toEqual([256, 256, 88]);
});
