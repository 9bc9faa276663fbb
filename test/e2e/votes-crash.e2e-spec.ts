import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceToken } from '../../src/features/voting/casting/device-tokens.service.js';
import { PollGuardRepository } from '../../src/features/voting/poll-guard.repository.js';
import type { Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { givenPoll, type GivenPoll, type GivenPollOptions } from '../support/given-polls.js';
import { pollViolations } from '../support/polls-invariants.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

const APP_SECRET = 'votes-crash-0123456789-0123456789';
const DEVICES = new SecretKeys({ APP_SECRET } as Config).current('devices').key;
const VOTERS = 600;
/** Each votes, and tries again until it is told what became of it. */
const CLIENTS = 48;

interface Told {
  status: number;
  body: { receipt?: string; code?: string };
}

/** Voters of a public poll, and processes that end in the middle of it. */
describe('votes to processes that end', () => {
  let db: TestDatabase;
  let dataDir: string;
  let processes: PlazaProcess[] = [];
  let poll: GivenPoll;

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-votes-'));
  });
  // Also after a failure: a process that is left behind would work on what the next tests do.
  afterEach(async () => {
    for (const one of processes) one.kill('SIGKILL');
    await Promise.all(processes.map(({ stopped }) => stopped));
    processes = [];
  });
  afterAll(async () => {
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = async (fault?: string): Promise<PlazaProcess> => {
    const environment = { DATABASE_URL: db.url, DATA_DIR: dataDir, APP_SECRET, UPLOAD_WORKERS: '0', EXPORT_WORKERS: '0', LOG_LEVEL: 'error' };
    const started = await startProcess({ ...environment, ...(fault !== undefined && { PLAZA_FAULT: fault }) });
    processes.push(started);
    return started;
  };

  /** Votes once over and over, at whichever process answers, until one tells what became of it. */
  async function voteUntilTold(urls: () => string[], i: number): Promise<Told> {
    const body = { candidateId: poll.candidates[i % 3], nonce: randomUUID() };
    const headers = { 'content-type': 'application/json', 'X-Device-Token': deviceToken(poll.id, randomUUID(), DEVICES), 'Idempotency-Key': `vote-${i}` };
    for (let attempt = 0; attempt < 2_000; attempt += 1) {
      const all = urls();
      try {
        const { nonce, ...named } = body;
        const answer = await fetch(`${all[(i + attempt) % all.length]}/api/polls/${poll.id}/votes`, {
          method: 'POST', headers, body: JSON.stringify(isSecret ? { ...named, nonce } : named), signal: AbortSignal.timeout(20_000),
        });
        const told = (await answer.json()) as Told['body'];
        if (answer.status !== 503) return { status: answer.status, body: told };
      } catch {
        // The process is gone: nobody was told anything.
      }
      await sleep(20);
    }
    throw new Error('nobody answers');
  }

  let isSecret = false;
  async function voteAll(urls: () => string[]): Promise<Told[]> {
    const told: Told[] = [];
    let next = 0;
    await Promise.all(Array.from({ length: CLIENTS }, async () => {
      for (let i = next++; i < VOTERS; i = next++) told[i] = await voteUntilTold(urls, i);
    }));
    return told;
  }

  async function given(options: GivenPollOptions): Promise<void> {
    isSecret = options.secrecy === 'secret';
    poll = await givenPoll(db.transactions, { electorate: 'public', ...options });
  }

  async function expectExactlyOnce(told: readonly Told[]): Promise<void> {
    expect(told.filter(({ status }) => status !== 201)).toEqual([]);
    const receipts = await db.database.rows<{ receipt: string }>('SELECT receipt FROM poll_receipt WHERE poll_id = ?', [poll.id]);
    expect(receipts.map(({ receipt }) => receipt).sort()).toEqual(told.map(({ body }) => body.receipt).sort());
    const counts = await db.database.rows<{ votes: number }>('SELECT votes FROM poll_tally WHERE poll_id = ?', [poll.id]);
    expect(counts.map(({ votes }) => Number(votes))).toEqual([VOTERS / 3, VOTERS / 3, VOTERS / 3]);
    expect(await pollViolations(db.database)).toEqual([]);
  }

  it.each(['votes.after-claim@5', 'votes.before-commit@5', 'votes.after-commit@5'])('kill -9 at %s: each that was told is stored, and each is stored once', async (fault) => {
    await given({});
    const doomed = await start(fault);
    const other = await start();
    const told = await voteAll(() => [doomed.url, other.url]);
    expect(await doomed.stopped).toBe('SIGKILL');
    await expectExactlyOnce(told);
  }, 120_000);

  it('kill -9 of the only process in a secret poll, and again, with what was started after it', async () => {
    await given({ secrecy: 'secret' });
    let running = await start('votes.before-commit@3');
    let starts = 0;
    const replace = async (): Promise<void> => {
      for (const fault of ['votes.after-commit@3', undefined]) {
        await running.stopped;
        running = await start(fault);
        starts += 1;
      }
    };
    const [told] = await Promise.all([voteAll(() => [running.url]), replace()]);
    expect(starts).toBe(2);
    await expectExactlyOnce(told);
  }, 120_000);

  it('SIGTERM under load: what was taken in is stored and answered before the process ends', async () => {
    await given({ secrecy: 'secret' });
    const [leaving, other] = [await start(), await start()];
    const voting = voteAll(() => [leaving.url, other.url]);
    await eventually(async () => expect(Number((await db.database.rows<{ n: number }>('SELECT COUNT(*) AS n FROM poll_ballot WHERE poll_id = ?', [poll.id]))[0]!.n)).toBeGreaterThan(50), 20_000);
    leaving.kill('SIGTERM');
    const told = await voting;
    expect(await leaving.stopped).toBe(0);
    await expectExactlyOnce(told);
  }, 120_000);

  it('a close while hundreds vote on two processes: what was accepted is what is counted, and nothing after', async () => {
    await given({});
    const [one, two] = [await start(), await start()];
    const told: Told[] = [];
    let next = 0;
    // Each goes on as another voter until the poll is closed, so that the close is in the midst of it on any machine.
    const voting = Promise.all(Array.from({ length: 200 }, async () => {
      for (let last: Told | undefined; last === undefined || last.status === 201; told.push(last)) last = await voteUntilTold(() => [one.url, two.url], next++);
    }));
    await eventually(async () => expect(Number((await db.database.rows<{ n: number }>('SELECT COUNT(*) AS n FROM poll_ballot WHERE poll_id = ?', [poll.id]))[0]!.n)).toBeGreaterThan(100), 20_000);
    await db.transactions.run(async (tx) => {
      const guard = new PollGuardRepository();
      await guard.enter(tx, poll.id);
      await guard.shut(tx, poll.id, 'closed');
    });
    const counted = Number((await db.database.rows<{ n: number }>('SELECT COALESCE(SUM(votes), 0) AS n FROM poll_tally WHERE poll_id = ?', [poll.id]))[0]!.n);
    await voting;
    const accepted = told.filter(({ status }) => status === 201);
    expect(told.filter(({ status, body }) => status !== 201 && body.code !== 'poll.not-open')).toEqual([]);
    expect(told.length - accepted.length).toBe(200);
    expect(accepted.length).toBe(counted);
    const receipts = await db.database.rows<{ receipt: string }>('SELECT receipt FROM poll_receipt WHERE poll_id = ?', [poll.id]);
    expect(receipts.map(({ receipt }) => receipt).sort()).toEqual(accepted.map(({ body }) => body.receipt).sort());
    expect(await pollViolations(db.database)).toEqual([]);
  }, 120_000);
});
