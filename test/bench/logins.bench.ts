import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { hash, verify } from '@node-rs/argon2';
import { startProcess } from '../support/process.js';
import { median, type BenchRow } from './bench-table.js';

const ROUNDS = 3;
const SECONDS = 5;
const CONNECTIONS = 16;
/** So many that nobody signs in often enough to have sessions ended, and that their rows are no bottleneck. */
const MEMBERS = 64;
const PASSWORD = 'a quiet corner desk';

/** Sign-ins over HTTP, all of it, against the one thing in them that must be slow: verifying an argon2id hash on the same cores. */
export async function loginsBench(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
  const plaza = await startProcess({ NODE_ENV: 'development', DATA_DIR: dataDir, RATE_LIMIT_SCALE: '1000000' });
  try {
    const emails = Array.from({ length: MEMBERS }, (_, n) => `bench-${n}@example.org`);
    for (const email of emails) await post(`${plaza.url}/api/members`, { email, password: PASSWORD, displayName: 'Bench' });
    // The parameters that Plaza hashes with.
    const kept = await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    const signIn = (turn: number) => post(`${plaza.url}/api/sessions`, { email: emails[turn % MEMBERS], password: PASSWORD });
    const verifyAlone = async (): Promise<void> => {
      if (!(await verify(kept, PASSWORD))) throw new Error('the password was not recognised');
    };
    const cores = os.availableParallelism();
    await perSecond(CONNECTIONS, 1, signIn);
    await perSecond(cores, 1, verifyAlone);
    const rounds: { plaza: number; raw: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // As many hashes at once as there are cores, which is what Plaza allows itself.
      rounds.push({ raw: await perSecond(cores, SECONDS, verifyAlone), plaza: await perSecond(CONNECTIONS, SECONDS, signIn) });
    }
    return [
      {
        name: 'POST /api/sessions, signing in',
        unit: 'sign-ins/s',
        plaza: median(rounds.map((round) => round.plaza)),
        baseline: median(rounds.map((round) => round.raw)),
        against: 'verifying argon2id alone, 19 MiB, t=2, p=1',
        note: `${CONNECTIONS} connections; database and load generator take their share of the cores that hash`,
      },
    ];
  } finally {
    plaza.kill('SIGTERM');
    await plaza.stopped;
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await response.arrayBuffer();
  if (response.status !== 201) throw new Error(`${url} answered ${response.status}: the figure would be worthless`);
}

/** Runs `work` on so many lanes for some seconds, each to its end; answers how often a second it was done. */
async function perSecond(lanes: number, seconds: number, work: (turn: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) await work((done += 1));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return done / ((performance.now() - start) / 1000);
}
