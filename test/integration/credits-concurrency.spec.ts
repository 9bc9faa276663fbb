import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { insufficientCredits, type AccountOwner } from '../../src/features/credits/index.js';
import { newId } from '../../src/platform/database/columns.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;

beforeAll(async () => {
  h = await openCredits();
});
beforeEach(async () => {
  await h.db.truncate();
  h.clock.set('2024-05-01T12:00:00Z');
});
afterAll(() => h.db.close());

const ref = () => ({ refType: 'test', refId: newId() });
const right = async () => expect((await h.reconciliation.check()).violations).toEqual([]);

/** Runs all at once; every failure must be a refusal for want of credits. */
async function race(works: (() => Promise<unknown>)[]): Promise<number> {
  const results = await Promise.allSettled(works.map((work) => work()));
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: insufficientCredits.code });
  return results.filter(({ status }) => status === 'fulfilled').length;
}

it('of 200 parallel transfers of 1 from a balance of 5 exactly 5 succeed', async () => {
  const [from, to] = [await h.open(), await h.open()];
  expect(await race(Array.from({ length: 200 }, () => () => h.run((tx) => h.credits.transfer(tx, from.id, to.id, 1))))).toBe(5);
  expect(await h.credits.balance(from)).toMatchObject({ posted: 0, seq: 6, version: 6 });
  expect(await h.credits.balance(to)).toMatchObject({ posted: 10, seq: 6, version: 6 });
  await right();
});

it('of 200 parallel holds of 1 on a balance of 5 exactly 5 succeed', async () => {
  const owner = await h.open();
  expect(await race(Array.from({ length: 200 }, () => () => h.run((tx) => h.credits.hold(tx, owner, { amount: 1, holdSeconds: 600, ...ref() }))))).toBe(5);
  expect(await h.credits.balance(owner)).toMatchObject({ posted: 5, held: 5, version: 6 });
  await right();
});

it('of 200 parallel spends of 1 on a balance of 5 that has a day coming exactly 6 succeed', async () => {
  const owner = await h.open();
  h.clock.set('2024-05-02T12:00:00Z');
  expect(await race(Array.from({ length: 200 }, () => () => h.run((tx) => h.credits.spend(tx, owner, { amount: 1, ...ref() }))))).toBe(6);
  expect((await h.book(owner)).filter(({ kind }) => kind === 'accrual')).toHaveLength(1);
  await right();
});

it('a reference that is ordered 20 times at once holds once', async () => {
  const owner = await h.open();
  const reference = ref();
  const holds = await Promise.all(Array.from({ length: 20 }, () => h.run((tx) => h.credits.hold(tx, owner, { amount: 2, holdSeconds: 600, ...reference }))));
  expect(new Set(holds.map(({ id }) => id)).size).toBe(1);
  expect(await h.credits.balance(owner)).toMatchObject({ held: 2, version: 2 });
  await right();
});

it('a hold that many capture and release at once ends one way', async () => {
  for (let round = 0; round < 5; round += 1) {
    const owner = await h.open();
    const { id } = await h.run((tx) => h.credits.hold(tx, owner, { amount: 2, holdSeconds: 600, ...ref() }));
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => h.run((tx): Promise<unknown> => (i % 2 === 0 ? h.credits.capture(tx, id) : h.credits.release(tx, id)))),
    );
    const { posted, held } = await h.credits.balance(owner);
    const captured = results.filter((result, i) => result.status === 'fulfilled' && i % 2 === 0).length;
    expect({ posted, held, captured, ok: results.filter(({ status }) => status === 'fulfilled').length }).toEqual(
      posted === 3 ? { posted: 3, held: 0, captured: 10, ok: 10 } : { posted: 5, held: 0, captured: 0, ok: 10 },
    );
  }
  await right();
});

it('members who pay each other in all directions lose nothing and wait for nobody', async () => {
  const owners = await h.openMany(6);
  const works = Array.from({ length: 200 }, (_, i) => () => {
    const [from, to] = [owners[i % 6]!, owners[(i + 1 + (i % 5)) % 6]!];
    return h.run((tx) => h.credits.transfer(tx, from.id, to.id, 1));
  });
  await race(works);
  const balances = await h.credits.balances(owners.map(({ id }) => id));
  expect([...balances.values()].reduce((sum, { posted }) => sum + posted, 0)).toBe(30);
  await right();
});

it('two sweeps in two processes beside 12 spenders, one killed in mid-chunk: each member gains exactly one', async () => {
  const owners = await h.openMany(2500);
  const now = '2024-05-02T00:00:10Z';
  const doomed = sweeper(now, 'credits.sweep.chunk@2');
  const other = sweeper(now);
  await Promise.all([doomed.ready, other.ready]);
  h.clock.set(now);
  const spending = { on: true };
  const spenders = Array.from({ length: 12 }, (_, i) => spend(owners, i, spending));
  doomed.go();
  other.go();
  const [killed, swept] = await Promise.all([doomed.ended, other.ended]);
  spending.on = false;
  const refusals = (await Promise.all(spenders)).flat();
  expect(killed).toEqual({ signal: 'SIGKILL', answer: undefined });
  expect(swept.signal).toBeNull();
  // Deadlocks are retried inside; what reaches a spender is a refusal for want of credits at most.
  expect(refusals.filter((code) => code !== insufficientCredits.code)).toEqual([]);
  const [books] = await h.db.database.rows<{ members: string; days: string; most: string }>(
    `SELECT COUNT(*) AS members, SUM(days) AS days, MAX(days) AS most
       FROM (SELECT account_id, COUNT(*) AS days FROM credit_entry WHERE kind = 'accrual' GROUP BY account_id) each_account`,
  );
  expect({ members: Number(books!.members), days: Number(books!.days), most: Number(books!.most) }).toEqual({ members: 2500, days: 2500, most: 1 });
  expect(await h.credits.accrue()).toMatchObject({ granted: 0, members: 0 });
  await right();
}, 120_000);

/** Spends, holds and sends until told to stop; answers the codes of what was refused. */
async function spend(owners: readonly AccountOwner[], seed: number, spending: { on: boolean }): Promise<string[]> {
  const refusals: string[] = [];
  for (let i = seed; spending.on; i += 12) {
    const [owner, friend] = [owners[(i * 7919) % owners.length]!, owners[(i * 104_729 + 1) % owners.length]!];
    try {
      await h.run(async (tx) => {
        if (i % 3 === 0) await h.credits.spend(tx, owner, { amount: 1, ...ref() });
        else if (i % 3 === 1 && owner !== friend) await h.credits.transfer(tx, owner.id, friend.id, 1);
        else await h.credits.release(tx, (await h.credits.hold(tx, owner, { amount: 1, holdSeconds: 60, ...ref() })).id);
      });
    } catch (error) {
      refusals.push((error as { code?: string }).code ?? String(error));
    }
  }
  return refusals;
}

function sweeper(...parameters: string[]) {
  const support = path.join(import.meta.dirname, '../support');
  const typescript = pathToFileURL(path.join(support, 'typescript.mjs')).href;
  const child = spawn(process.execPath, ['--import', typescript, path.join(support, 'credits-sweep-child.ts'), ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const read = createInterface(child.stdout);
  read.on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(([, signal]) => ({ signal: signal as string | null, answer: lines[1] }));
  return { ready: once(read, 'line'), go: () => child.stdin.write('go\n'), ended };
}
