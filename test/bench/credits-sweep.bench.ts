import type { Pool } from 'mysql2/promise';
import { addDays, firstInstantOf } from '../../src/platform/clock/calendar.js';
import { newId } from '../../src/platform/database/columns.js';
import type { AccountOwner } from '../../src/features/credits/index.js';
import type { CreditsHarness } from '../support/credits-harness.js';
import { median, type BenchRow } from './bench-table.js';

const MEMBERS = 1_000_000;
const MEMBERS_AT_ONCE = 2_000;
const FILLING_LANES = 4;
const NIGHTS = 3;
const SPENDERS = 8;
const SPENDERS_KNOWN = 20_000;

/**
 * The nightly sweep of a million members through the service, against what a database administrator would
 * type: one `INSERT … SELECT` and one `UPDATE` of all members, in one transaction on raw mysql2. Nights in
 * turns on the same accounts, then one more night with members who spend meanwhile.
 */
export async function nightlySweep(h: CreditsHarness, raw: Pool): Promise<BenchRow> {
  const owners = await fill(h);
  let date = h.clock.today();
  const nextNight = (): string => {
    date = addDays(date, 1);
    h.clock.set(firstInstantOf(date, 'UTC'));
    return date;
  };
  const sweep = async (): Promise<void> => {
    const { granted, members } = await h.credits.accrue();
    if (granted === 0 || granted !== members) throw new Error(`the sweep gave ${granted} credits to ${members} members`);
  };

  nextNight();
  await sweep();
  const nights: { plaza: number; baseline: number; grown: number }[] = [];
  for (let night = 0; night < NIGHTS; night += 1) {
    const baseline = await milliseconds(() => bare(raw, nextNight()));
    nextNight();
    const memory = watchMemory();
    const plaza = await milliseconds(sweep);
    nights.push({ baseline, plaza, grown: memory.grownMiB() });
    process.stderr.write(`  night ${night + 1}: sweep ${plaza.toFixed(0)} ms, bare ${baseline.toFixed(0)} ms\n`);
  }

  const calm = await spendWhile(h, owners, () => new Promise((resolve) => setTimeout(resolve, 3_000)));
  nextNight();
  const busy = await spendWhile(h, owners, sweep);

  const started = performance.now();
  const { violations } = await h.reconciliation.check();
  if (violations.length > 0) throw new Error(`the books are wrong after the bench: ${JSON.stringify(violations[0])}`);
  const checked = (performance.now() - started) / 1000;
  return {
    name: `nightly sweep of ${MEMBERS.toLocaleString('en-US')} members`,
    unit: 'ms',
    plaza: median(nights.map(({ plaza }) => plaza)),
    baseline: median(nights.map(({ baseline }) => baseline)),
    against: 'one bare INSERT … SELECT and UPDATE in one transaction on raw mysql2',
    aim: 1.5,
    atMost: true,
    note: `process grows by ${Math.round(median(nights.map(({ grown }) => grown)))} MiB; ${SPENDERS} members spending meanwhile wait ${busy} each, `
      + `without a sweep ${calm}; reconciliation of it all ${checked.toFixed(1)} s`,
  };
}

/** Members as sign-up leaves them; answers some of them. */
async function fill(h: CreditsHarness): Promise<AccountOwner[]> {
  let left = MEMBERS / MEMBERS_AT_ONCE;
  const known: AccountOwner[] = [];
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const owners = await h.openMany(MEMBERS_AT_ONCE);
      known.push(...owners.slice(0, (SPENDERS_KNOWN * MEMBERS_AT_ONCE) / MEMBERS));
    }
  };
  await Promise.all(Array.from({ length: FILLING_LANES }, lane));
  return known;
}

async function bare(raw: Pool, date: string): Promise<void> {
  const connection = await raw.getConnection();
  try {
    await connection.query('START TRANSACTION');
    await connection.query(
      `INSERT INTO credit_entry (account_id, seq, kind, amount, balance_after, counter, effective_at, created_at)
       SELECT id, seq + 1, 'accrual', 1, posted + 1, 'issue', ?, UTC_TIMESTAMP(3)
         FROM credit_account WHERE owner_kind = 'member' AND last_accrual_date < ?`,
      [date, date],
    );
    await connection.query(
      `UPDATE credit_account SET seq = seq + 1, posted = posted + 1, version = version + 1, last_accrual_date = ?
        WHERE owner_kind = 'member' AND last_accrual_date < ?`,
      [date, date],
    );
    await connection.query('COMMIT');
  } finally {
    connection.release();
  }
}

/** Spends of one credit, one after the other in each lane, until `work` is done: how long each took. */
async function spendWhile(h: CreditsHarness, owners: readonly AccountOwner[], work: () => Promise<void>): Promise<string> {
  const taken: number[] = [];
  let over = false;
  const lane = async (): Promise<void> => {
    while (!over) {
      const owner = owners[Math.floor(Math.random() * owners.length)]!;
      taken.push(await milliseconds(() => h.run((tx) => h.credits.spend(tx, owner, { amount: 1, refType: 'bench', refId: newId() }))));
    }
  };
  const lanes = Array.from({ length: SPENDERS }, lane);
  await work();
  over = true;
  await Promise.all(lanes);
  taken.sort((a, b) => a - b);
  const at = (share: number): string => taken[Math.floor(taken.length * share)]!.toFixed(0);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

/** How far the process grows from now on, garbage included. */
function watchMemory(): { grownMiB(): number } {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
  return {
    grownMiB: () => {
      clearInterval(timer);
      return (Math.max(peak, process.memoryUsage.rss()) - before) / 2 ** 20;
    },
  };
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
