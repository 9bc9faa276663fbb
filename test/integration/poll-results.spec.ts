import { once } from 'node:events';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PollRepository } from '../../src/features/voting/poll.repository.js';
import { BallotFiles } from '../../src/features/voting/results/ballot-files.service.js';
import { PollResults } from '../../src/features/voting/results/poll-results.service.js';
import { PollTallyRepository } from '../../src/features/voting/results/poll-tally.repository.js';
import { voterKeyOf } from '../../src/features/voting/voter.repository.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { PERMISSIONS_BY_ROLE } from '../../src/platform/auth/permissions.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import type { DatasetRequest, Row } from '../../src/platform/datasets/dataset.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { Metrics } from '../../src/platform/statistics/metrics.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { givenPoll, type GivenPoll, type GivenPollOptions } from '../support/given-polls.js';

let app: TestApp;
let database: Database;
let transactions: Transactions;
let results: PollResults;
let tallies: PollTallyRepository;

beforeAll(async () => {
  app = await createTestApp();
  database = app.app.get(Database);
  transactions = app.app.get(Transactions);
  results = app.app.get(PollResults);
  tallies = app.app.get(PollTallyRepository);
});
afterAll(() => app.close());

const given = (options?: GivenPollOptions) => givenPoll(transactions, options);
const write = (sql: string, ...values: unknown[]) => transactions.run((tx) => tx.write(sql, values));

/** Ballots straight into the box, as of now; by voters where the poll is named. */
async function cast({ id, candidates }: GivenPoll, voterIds: readonly string[], isNamed = true): Promise<string[]> {
  const choice = JSON.stringify({ candidateId: candidates[0] });
  const hash = createHash('sha256').update(choice).digest();
  const ids = voterIds.map(() => newId()).sort();
  await transactions.run(async (tx) => {
    await tx.write('UPDATE poll_guard SET version = version + 1 WHERE poll_id = ?', [id]);
    const { voterSecret } = await app.app.get(PollRepository).secrets(tx, id);
    await tx.write('INSERT INTO poll_voter (poll_id, voter_key, claim) VALUES ?', [voterIds.map((voterId) => [id, voterKeyOf(voterSecret!, voterId), Buffer.alloc(16)])]);
    const rows = voterIds.map((voterId, i) => [id, ids[i], hash, ...(isNamed ? [voterId, new Date()] : [null, null])]);
    await tx.write('INSERT INTO poll_ballot (poll_id, id, choice_hash, voter_id, cast_at) VALUES ?', [rows]);
    await tx.write('INSERT INTO poll_tally (poll_id, choice_hash, choice, votes) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE votes = votes + VALUES(votes)', [id, hash, choice, ids.length]);
  });
  return ids;
}

describe('a window', () => {
  it.each([1, 2, 10, 600, 3_600])('of %i seconds is so many whole seconds of the database\'s clock, the present one among them', async (seconds) => {
    const { id } = await given();
    // So that each sum tells which seconds are in it, wherever the clock has got to by then.
    const ages = Array.from({ length: 12 }, (_, i) => seconds + 6 - i);
    const [clock] = await database.rows<{ now: Date }>('SELECT UTC_TIMESTAMP() AS now');
    const rows = ages.map((age, i) => ({ second: new Date(clock!.now.getTime() - age * 1_000), votes: 2 ** i }));
    await write('INSERT INTO poll_second (poll_id, second, votes) VALUES ?', rows.map(({ second, votes }) => [id, second, votes]));
    const { votes, at } = await tallies.recent(database, id, seconds);
    const now = Math.floor(at.getTime() / 1_000);
    const within = rows.filter(({ second }) => second.getTime() / 1_000 >= now - seconds + 1);
    expect(votes).toBe(within.reduce((sum, row) => sum + row.votes, 0));
  });

  it('of ten minutes is the same in every answer', async () => {
    const { id } = await given();
    const at = (age: number) => `UTC_TIMESTAMP() - INTERVAL ${age} SECOND`;
    await write(`INSERT INTO poll_second (poll_id, second, votes) VALUES (?, ${at(500)}, 1), (?, ${at(590)}, 10), (?, ${at(600)}, 100), (?, ${at(700)}, 1000)`, id, id, id, id);
    expect((await tallies.get(database, id)).votesLast10Minutes).toBe(11);
    expect((await tallies.recent(database, id)).votes).toBe(11);
  });

  it('has no votes that were taken back', async () => {
    const { id } = await given();
    await write('INSERT INTO poll_second (poll_id, second, votes) VALUES (?, UTC_TIMESTAMP(), 0)', id);
    expect((await tallies.recent(database, id)).votes).toBe(0);
  });
});

describe('a tally', () => {
  it('has the version of its very rows, however fast votes come', async () => {
    const poll = await given();
    let isOver = false;
    const voting = (async () => {
      while (!isOver) await cast(poll, [newId()]);
    })();
    try {
      for (let i = 0; i < 150; i += 1) {
        const { version, rows } = await tallies.get(database, poll.id);
        expect(rows.reduce((sum, { votes }) => sum + votes, 0)).toBe(version - 1);
      }
    } finally {
      isOver = true;
      await voting;
    }
  });
});

describe('a held poll', () => {
  it('is read once for all who ask at once, and counted once', async () => {
    const { id } = await given();
    const rows = jest.spyOn(database, 'rows');
    try {
      const held = await Promise.all(Array.from({ length: 300 }, async () => results.hold(id)));
      const counted = await Promise.all(held.map((one) => results.resultOf(one!)));
      expect([new Set(held).size, new Set(counted).size]).toEqual([1, 1]);
      const reads = rows.mock.calls.filter(([sql]) => sql.includes('poll_guard')).length;
      expect(reads).toBe(2);
    } finally {
      rows.mockRestore();
    }
  });

  it('is read again when it is out of date, when it closes, and when somebody knows better', async () => {
    const poll = await given({ closesInMs: 200 });
    expect((await results.hold(poll.id))!.poll.state).toBe('open');
    await eventually(async () => expect((await results.hold(poll.id))!.poll.state).toBe('closed'));

    const other = await given();
    const before = (await results.hold(other.id))!;
    await cast(other, [newId()]);
    expect((await results.hold(other.id, before.version + 1))!.version).toBe(before.version + 1);
    await cast(other, [newId()]);
    await eventually(async () => expect((await results.hold(other.id))!.version).toBe(before.version + 2));
  });

  it('never goes back, and never shows less than it knows', async () => {
    const poll = await given();
    const isOver = Promise.all(Array.from({ length: 40 }, () => cast(poll, [newId()])));
    let last = 0;
    for (let i = 0; i < 60; i += 1) {
      const held = (await results.hold(poll.id, i % 3 === 0 ? last + 1 : 0))!;
      const { version, totalVotes } = await results.resultOf(held);
      expect(version).toBeGreaterThanOrEqual(last);
      expect(totalVotes).toBe(version - 1);
      last = version;
    }
    await isOver;
  });

  it('is not counted again while its version stands, save for the last ten minutes', async () => {
    const poll = await given();
    await cast(poll, [newId()]);
    const first = await results.resultOf((await results.hold(poll.id))!);
    await write('INSERT INTO poll_second (poll_id, second, votes) VALUES (?, UTC_TIMESTAMP(), 5)', poll.id);
    const tally = jest.spyOn(tallies, 'get');
    try {
      const again = await results.resultOf((await results.hold(poll.id, first.version + 1))!);
      expect(again).toEqual({ ...first, votesLast10Minutes: 5, asOf: again.asOf });
      expect(again.asOf >= first.asOf).toBe(true);
      expect(tally).not.toHaveBeenCalled();
    } finally {
      tally.mockRestore();
    }
  });

  it('is no older than the poll that somebody has just read', async () => {
    const poll = await given();
    await results.hold(poll.id);
    await cast(poll, [newId(), newId()]);
    const read = (await app.app.get(PollRepository).find(database, poll.id))!;
    expect(await results.current(read, 60)).toMatchObject({ version: read.version, totalVotes: 2, votesInWindow: 0 });
  });
});

describe('a poll that somebody has just changed', () => {
  it('is read anew at once, and what was being read meanwhile is not kept', async () => {
    const poll = await given();
    const before = (await results.hold(poll.id))!;
    await write('UPDATE poll_guard SET version = version + 1 WHERE poll_id = ?', poll.id);
    results.forget(poll.id);
    const reading = results.hold(poll.id);
    results.forget(poll.id);
    const after = (await results.hold(poll.id))!;
    expect(after.version).toBe(before.version + 1);
    expect(await reading).not.toBe(after);
    expect(results.hold(poll.id)).toBe(after);
  });
});

describe('a client that says to have seen newer counts', () => {
  it('has them read anew, and not whenever it says so', async () => {
    const poll = await given();
    const read = jest.spyOn(app.app.get(PollRepository), 'find');
    for (let request = 0; request < 200; request += 1) await results.hold(poll.id, 1e12);
    // Ten at once and ten a second; each may be read again in case the first reading began too early.
    expect(read.mock.calls.length).toBeLessThan(100);
    read.mockRestore();
  });
});

describe('counts', () => {
  it('of a poll that was cancelled since somebody was let in are not shown', async () => {
    const poll = await given();
    await cast(poll, [newId()]);
    const before = (await app.app.get(PollRepository).find(database, poll.id))!;
    await write("UPDATE poll SET ended = 'cancelled' WHERE id = ?", poll.id);
    await expect(results.count(database, before)).rejects.toMatchObject({ code: 'poll.results-hidden' });
  });
});

describe('files of ballots', () => {
  it('hold nothing of the database while their clients read slowly', async () => {
    const poll = await given();
    await cast(poll, Array.from({ length: 2_001 }, () => newId()));
    const files = app.app.get(BallotFiles);
    const viewer = { memberId: newId(), permissions: PermissionSet.of(['polls.read']) };
    const open = () => files.open(viewer, poll.id, 'csv') as Promise<Readable>;
    const slow = await Promise.all(Array.from({ length: 30 }, open));
    for (const file of slow) await once(file, 'readable');
    expect((await text(await open())).split('\r\n')).toHaveLength(2_003);
    expect((await text(slow[0]!)).split('\r\n')).toHaveLength(2_003);
    for (const file of slow) file.destroy();
  });
});

describe('the dataset', () => {
  const permissions = PermissionSet.of(PERMISSIONS_BY_ROLE.member);
  const managing = PermissionSet.of(PERMISSIONS_BY_ROLE.moderator);
  const rowsOf = (name: string, request: DatasetRequest, pageSize = 2): Promise<Row[]> =>
    transactions.snapshot(async (snapshot) => {
      const dataset = app.app.get(Datasets).find(name)!;
      const rows: Row[] = [];
      for await (const page of dataset.pages(snapshot, request, pageSize)) {
        expect(page.length).toBeLessThanOrEqual(pageSize);
        rows.push(...page);
      }
      for (const row of rows) expect(Object.keys(row)).toEqual(dataset.columns.map((column) => column.name));
      expect(await dataset.count(snapshot, request)).toBe(rows.length);
      return rows;
    });
  const request = (given: Partial<DatasetRequest> = {}): DatasetRequest => ({ memberId: newId(), permissions, filters: {}, ...given });
  const pollsIn = (rows: readonly Row[]) => new Set(rows.map((row) => row['pollId']));

  it('of votes has the ballots of one poll, or of all', async () => {
    const [one, other] = [await given({ title: 'Where to?' }), await given()];
    const voterIds = Array.from({ length: 5 }, () => newId());
    const ids = await cast(one, voterIds);
    await cast(other, [newId()]);
    const rows = await rowsOf('votes', request({ filters: { pollId: one.id.toUpperCase() } }));
    expect(rows.map((row) => row['ballotId'])).toEqual(ids);
    const choice = JSON.stringify({ candidateId: one.candidates[0] });
    expect(rows[0]).toEqual({ pollId: one.id, pollTitle: 'Where to?', ballotId: ids[0], choice, voterId: voterIds[0], castAt: expect.any(Date) });
    const all = pollsIn(await rowsOf('votes', request()));
    expect([all.has(one.id), all.has(other.id)]).toEqual([true, true]);
    expect(await rowsOf('votes', request({ filters: { pollId: newId() } }))).toEqual([]);
  });

  it('of votes has nothing of a secret poll that leads to a voter', async () => {
    const poll = await given({ secrecy: 'secret' });
    const ids = await cast(poll, [newId(), newId(), newId()], false);
    // Were there anything, by a fault elsewhere, it would not come out here.
    await write('UPDATE poll_ballot SET voter_id = id, cast_at = UTC_TIMESTAMP(3) WHERE poll_id = ?', poll.id);
    const rows = await rowsOf('votes', request({ permissions: managing, filters: { pollId: poll.id } }));
    expect(rows.map(({ ballotId, voterId, castAt }) => [ballotId, voterId, castAt])).toEqual(ids.map((id) => [id, null, null]));
  });

  it('of votes is empty where the counts are hidden', async () => {
    const voter = newId();
    const made = {
      live: await given(),
      'after-vote': await given({ results: 'after-vote' }),
      'after-close': await given({ results: 'after-close' }),
      admins: await given({ results: 'admins' }),
      closed: await given({ results: 'after-close', closesInMs: -1 }), cancelled: await given(), draft: await given({ opensInMs: 3_600_000 }),
    };
    for (const poll of Object.values(made)) await cast(poll, [voter]);
    await write("UPDATE poll SET ended = 'cancelled' WHERE id = ?", made.cancelled.id);
    const seenBy = async (who: Partial<DatasetRequest>) => {
      const all = pollsIn(await rowsOf('votes', request(who)));
      const seen = Object.entries(made).filter(([, { id }]) => all.has(id)).map(([name]) => name);
      for (const [name, { id }] of Object.entries(made)) expect(await rowsOf('votes', request({ ...who, filters: { pollId: id } }))).toHaveLength(seen.includes(name) ? 1 : 0);
      return seen;
    };
    expect(await seenBy({})).toEqual(['live', 'closed']);
    expect(await seenBy({ memberId: voter })).toEqual(['live', 'after-vote', 'closed']);
    expect(await seenBy({ permissions: managing })).toEqual(['live', 'admins', 'closed']);
  });

  it('of votes is for members; made by a manager it is for managers', () => {
    const dataset = app.app.get(Datasets).find('votes')!;
    expect([dataset.personal, dataset.mayRead(permissions), dataset.mayRead(PermissionSet.of(['polls.vote']))]).toEqual([false, true, false]);
    const cases = [[permissions, permissions], [permissions, managing], [managing, managing], [managing, permissions]] as const;
    expect(cases.map(([shown, reader]) => dataset.mayReadAllOf!({ permissions: shown, filters: {} }, reader))).toEqual([true, true, true, false]);
    const { faultOf } = dataset.filters.find(({ name }) => name === 'pollId')!;
    expect([faultOf!(newId()), faultOf!('mine')]).toEqual([undefined, 'must be the id of a poll']);
  });

  it('of one\'s own votes has one\'s ballots in named polls, whoever may see the counts', async () => {
    const [voter, other] = [newId(), newId()];
    const polls = [await given({ results: 'admins', title: 'Where to?' }), await given(), await given()];
    for (const poll of polls) await cast(poll, [voter, other]);
    await cast(await given({ secrecy: 'secret' }), [voter], false);
    const rows = await rowsOf('own-votes', request({ memberId: voter }));
    expect(rows.map((row) => row['pollId'])).toEqual(polls.map(({ id }) => id));
    const choice = JSON.stringify({ candidateId: polls[0]!.candidates[0] });
    expect(rows[0]).toEqual({ pollId: polls[0]!.id, pollTitle: 'Where to?', ballotId: expect.any(String), choice, castAt: expect.any(Date) });
    expect(app.app.get(Datasets).find('own-votes')!.personal).toBe(true);
  });
});

it('the metric votes.cast is the votes of an hour, in all polls', async () => {
  const metric = app.app.get(Metrics).find('votes.cast')!;
  const [one, other] = [await given(), await given()];
  await write(
    "INSERT INTO poll_second (poll_id, second, votes) VALUES (?, '2020-05-01 09:59:59', 1), (?, '2020-05-01 10:00:00', 10), (?, '2020-05-01 10:59:59', 100), (?, '2020-05-01 11:00:00', 1000)",
    one.id, one.id, other.id, one.id,
  );
  const hour = (from: string) => ({ from: new Date(from), to: new Date(new Date(from).getTime() + 3_600_000) });
  expect(await metric.since(database)).toEqual(new Date('2020-05-01T09:59:59Z'));
  expect(await metric.measure(database, hour('2020-05-01T10:00:00Z'))).toBe(110);
  expect(await metric.measure(database, hour('2020-05-01T12:00:00Z'))).toBe(0);
});
