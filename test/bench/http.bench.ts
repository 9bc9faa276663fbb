import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import autocannon from 'autocannon';
import { startProcess } from '../support/process.js';
import { median, type BenchRow } from './bench-table.js';

const ROUNDS = 3;
const SECONDS = 4;
const CONNECTIONS = 128;

/**
 * An authenticated GET of /api/me, guards, database read and all, against bare node:http that sends the
 * same bytes. Both servers run in a process of their own, the load generator in this one.
 */
export async function httpBench(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
  const plaza = await startProcess({ NODE_ENV: 'development', DATA_DIR: dataDir, RATE_LIMIT_SCALE: '1000000' });
  try {
    const signUp = await fetch(`${plaza.url}/api/members`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'bench@example.org', password: 'a quiet corner desk', displayName: 'Bench' }),
    });
    const { accessToken } = (await signUp.json()) as { accessToken: string };
    const headers = { authorization: `Bearer ${accessToken}` };
    const body = await (await fetch(`${plaza.url}/api/me`, { headers })).text();

    const bare = fork(path.join(import.meta.dirname, 'bare-http.mjs'), [body]);
    const [bareUrl] = (await once(bare, 'message')) as [string];
    try {
      await requestsPerSecond(`${plaza.url}/api/me`, headers);
      const rounds: { plaza: number; bare: number }[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        rounds.push({ bare: await requestsPerSecond(bareUrl, headers), plaza: await requestsPerSecond(`${plaza.url}/api/me`, headers) });
      }
      return [
        {
          name: 'GET /api/me, signed in',
          unit: 'requests/s',
          plaza: median(rounds.map((round) => round.plaza)),
          baseline: median(rounds.map((round) => round.bare)),
          against: 'bare node:http, same bytes',
          aim: 0.35,
        },
      ];
    } finally {
      bare.kill();
    }
  } finally {
    plaza.kill('SIGTERM');
    await plaza.stopped;
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function requestsPerSecond(url: string, headers: Record<string, string>): Promise<number> {
  const { requests, non2xx, errors } = await autocannon({ url, headers, connections: CONNECTIONS, duration: SECONDS });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests to ${url} failed: the figure would be worthless`);
  return requests.average;
}
