import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CreditFlowRepository } from '../../src/features/credits/credit-flow.repository.js';
import { ExportRepository } from '../../src/features/exports/export.repository.js';
import { Activity } from '../../src/features/members/activity.service.js';
import { ApiTokenRepository } from '../../src/features/members/api-token.repository.js';
import { MemberActivityRepository } from '../../src/features/members/member-activity.repository.js';
import { MemberRepository } from '../../src/features/members/member.repository.js';
import { newId } from '../../src/platform/database/columns.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;
let members: MemberRepository;
const activities = new MemberActivityRepository();

beforeAll(async () => {
  Logger.overrideLogger(false);
  h = await openCredits({}, '2026-05-03T10:30:00Z');
  members = new MemberRepository(h.db.database);
});
beforeEach(async () => {
  await h.db.truncate();
  h.clock.set('2026-05-03T10:30:00Z');
});
afterAll(() => h.db.close());

const hour = (from: string) => ({ from: new Date(from), to: new Date(Date.parse(from) + 3_600_000) });
const TEN = hour('2026-05-03T10:00:00Z');
const ELEVEN = hour('2026-05-03T11:00:00Z');
const EDGES = ['2026-05-03T09:59:59.999Z', '2026-05-03T10:00:00.000Z', '2026-05-03T10:59:59.999Z', '2026-05-03T11:00:00.000Z'];

const join = async (at?: string): Promise<string> => {
  const id = newId();
  await h.run(async (tx) => {
    await members.insert(tx, { id, email: `${id}@example.org`, displayName: 'Somebody', passwordHash: null, role: 'member' });
    if (at !== undefined) await tx.write('UPDATE member SET created_at = ? WHERE id = ?', [new Date(at), id]);
  });
  return id;
};

describe('who was active in an hour', () => {
  const newProcess = () => new Activity(h.db.transactions, h.clock, members, activities, new ApiTokenRepository(h.db.database));
  const count = (of: { from: Date }) => activities.count(h.db.database, of.from);

  it('counts by the time they were seen, not by that of the writing', async () => {
    const [ada, ben] = [await join(), await join()];
    const activity = newProcess();
    h.clock.set('2026-05-03T10:59:59.999Z');
    activity.memberSeen(ada);
    h.clock.set('2026-05-03T11:00:00Z');
    activity.memberSeen(ben);
    activity.memberSeen(ada);
    h.clock.set('2026-05-03T12:10:00Z');
    await activity.write();
    expect([await count(TEN), await count(ELEVEN)]).toEqual([1, 2]);
    expect(await activities.findFirst(h.db.database)).toEqual(TEN.from);
  });

  it('counts each once, however often and in however many processes they are seen', async () => {
    const [ada, ben] = [await join(), await join()];
    const processes = [newProcess(), newProcess(), newProcess()];
    for (let round = 0; round < 2; round += 1) {
      for (const activity of processes) {
        activity.memberSeen(ada);
        activity.tokenSeen(newId(), ada);
      }
      await Promise.all(processes.map((activity) => activity.write()));
    }
    expect(await count(TEN)).toBe(1);
    const another = newProcess();
    for (const id of [ada, ben]) another.memberSeen(id);
    await another.write();
    expect(await count(TEN)).toBe(2);
  });

  it('costs one row an hour, in memory and in the database', async () => {
    const ada = await join();
    const activity = newProcess();
    activity.memberSeen(ada);
    await activity.write();
    await h.db.dataSource.query('DELETE FROM member_activity');
    activity.memberSeen(ada);
    await activity.write();
    expect(await count(TEN)).toBe(0);
  });

  it('waits while it cannot be written', async () => {
    const ada = await join();
    const activity = newProcess();
    activity.memberSeen(ada);
    await h.db.dataSource.query('RENAME TABLE member_activity TO member_activity_away');
    try {
      await activity.write();
    } finally {
      await h.db.dataSource.query('RENAME TABLE member_activity_away TO member_activity');
    }
    h.clock.set('2026-05-03T11:00:00Z');
    await activity.beforeApplicationShutdown();
    expect([await count(TEN), await count(ELEVEN)]).toEqual([1, 0]);
    expect(await members.find(ada)).toMatchObject({ lastActiveAt: expect.any(Date) });
  });

  it('is not held up by an id that is nobody\'s', async () => {
    const ada = await join();
    const activity = newProcess();
    for (const id of [newId(), ada, newId()]) activity.memberSeen(id);
    await activity.write();
    expect(await count(TEN)).toBe(1);
  });

  it('is forgotten after a month, when it has long been counted', async () => {
    const ada = await join();
    const activity = newProcess();
    for (const at of ['2026-04-02T09:00:00Z', '2026-04-02T10:00:00Z', '2026-05-03T10:00:00Z']) {
      h.clock.set(at);
      activity.memberSeen(ada);
    }
    await activity.write();
    h.clock.set('2026-05-03T10:59:00Z');
    await activity.forget();
    expect(await h.db.database.rows('SELECT hour FROM member_activity ORDER BY hour')).toEqual([{ hour: new Date('2026-04-02T10:00:00Z') }, { hour: TEN.from }]);
  });

  it('goes with the member', async () => {
    const ada = await join();
    await h.run((tx) => activities.insert(tx, TEN.from, [ada]));
    await h.db.dataSource.query('DELETE FROM member WHERE id = ?', [ada]);
    expect(await count(TEN)).toBe(0);
  });
});

it('who joined is counted in the hour, its end excluded', async () => {
  expect(await members.findFirstJoining(h.db.database)).toBeNull();
  for (const at of [...EDGES, TEN.from.toISOString()]) await join(at);
  expect(await members.countJoined(h.db.database, TEN)).toBe(3);
  expect(await members.findFirstJoining(h.db.database)).toEqual(new Date(EDGES[0]!));
});

describe('the credits of an hour', () => {
  const flow = new CreditFlowRepository();
  const sums = async (of = TEN) => [await flow.sumIssued(h.db.database, of), await flow.sumSpent(h.db.database, of)];
  const written = (at: string) => h.db.dataSource.query('UPDATE credit_entry SET created_at = ?', [new Date(at)]);

  it('are what was given out and what was spent; moved, corrected and given back is neither', async () => {
    expect(await flow.findFirst(h.db.database)).toBeNull();
    const [ada, ben] = [await h.open(), await h.open()];
    await h.run((tx) => h.credits.adjust(tx, ada.id, { amount: 100, reason: 'for a test', actorId: ada.id }));
    await h.run((tx) => h.credits.transfer(tx, ada.id, ben.id, 20));
    const { seq } = await h.run((tx) => h.credits.spend(tx, ada, { amount: 7, refType: 'test', refId: '1' }));
    await h.run((tx) => h.credits.refund(tx, ada, { spendSeq: seq, amount: 3 }));
    const { seq: bought } = await h.run((tx) => h.credits.purchase(tx, ben, { amount: 40, refType: 'test', refId: '2' }));
    const { seq: takenBack } = await h.run((tx) => h.credits.reverse(tx, ben.id, bought, { reason: 'for a test', actorId: ada.id }));
    await h.run((tx) => h.credits.reverse(tx, ben.id, takenBack, { reason: 'for a test', actorId: ada.id }));
    await h.run((tx) => h.credits.adjust(tx, ada.id, { amount: -50, reason: 'for a test', actorId: ada.id }));
    await written('2026-05-03T10:00:00.000Z');
    expect(await sums()).toEqual([5 + 5 + 40, 7]);
    expect(await flow.findFirst(h.db.database)).toEqual(TEN.from);
  });

  it('do not count the calls of API tokens', async () => {
    const bot = await h.open('api_token');
    await h.run((tx) => h.credits.purchase(tx, bot, { amount: 500, refType: 'test', refId: '1' }));
    await h.run((tx) => h.credits.spend(tx, bot, { amount: 3, refType: 'test', refId: '2' }));
    await written('2026-05-03T10:59:59.999Z');
    expect(await sums()).toEqual([0, 0]);
  });

  it.each([[EDGES[0]!, 0], [EDGES[1]!, 5], [EDGES[2]!, 5], [EDGES[3]!, 0]])('when written at %s are %i', async (at, issued) => {
    await h.open();
    await written(at);
    expect(await sums()).toEqual([issued, 0]);
  });

  it('are counted when the nightly sweep writes them, though they count from midnight on', async () => {
    await h.open();
    await written('2026-05-03T09:00:00Z');
    h.clock.set('2026-05-05T10:30:00Z');
    await h.credits.accrue();
    await h.db.dataSource.query("UPDATE credit_entry SET created_at = ? WHERE kind = 'accrual'", [new Date('2026-05-03T10:20:00Z')]);
    expect(await sums()).toEqual([2, 0]);
  });
});

it('the exports of an hour are counted when they are ordered and when they end', async () => {
  const exports = new ExportRepository(h.db.database);
  const owner = await join();
  expect(await exports.findFirstOrder(h.db.database)).toBeNull();
  const insert = async (state: string, createdAt: string, finishedAt: string | null) => {
    const unfinished = finishedAt === null;
    await h.db.dataSource.query(
      `INSERT INTO export (id, member_id, permissions, source, format, compression, filters, column_names, guard, bom, active_fingerprint, state, attempt, rows_done,
                           bytes, sha256, storage_key, error_code, created_at, finished_at, expires_at)
       VALUES (?, ?, '', 'memes', 'csv', 'none', '{}', '[]', 1, 0, ?, ?, 1, 0, 1, 'x', 'k', ?, ?, ?, '2026-06-01')`,
      [newId(), owner, unfinished ? newId() : null, state, state === 'failed' ? 'export.disk-full' : null, new Date(createdAt), finishedAt === null ? null : new Date(finishedAt)],
    );
  };
  await insert('succeeded', EDGES[0]!, EDGES[1]!);
  await insert('expired', EDGES[0]!, EDGES[2]!);
  await insert('succeeded', EDGES[2]!, EDGES[3]!);
  await insert('failed', EDGES[1]!, EDGES[2]!);
  await insert('cancelled', EDGES[1]!, EDGES[2]!);
  await insert('queued', EDGES[3]!, null);
  expect(await exports.findFirstOrder(h.db.database)).toEqual(new Date(EDGES[0]!));
  expect(await exports.countOrdered(h.db.database, TEN)).toBe(3);
  expect(await exports.countEnded(h.db.database, TEN, ['succeeded', 'expired'])).toBe(2);
  expect(await exports.countEnded(h.db.database, TEN, ['failed'])).toBe(1);
});
