import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Pool } from 'mysql2/promise';
import { startEmbeddedServer } from '../../src/platform/database/embedded/embedded-server.js';
import { startProcess, type PlazaProcess } from '../support/process.js';
import { median, type BenchRow } from './bench-table.js';

const ROWS = 1_000_000;
const ROUNDS = 3;

/** The columns of the dataset, as the baseline reads them. */
const COLUMNS = `id, external_id, template, caption, \`upper\`, \`lower\`, language, image_url, lat, lon, tags, rating, kind, likes, created_at`;

/**
 * A CSV of a million memes, ordered by HTTP and written by a Plaza process of its own, against a bare
 * mysql2 stream of the same rows piped to a file in a process of its own, in turns.
 */
export async function exportsBench(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
  const server = await startEmbeddedServer({ dataDir, durability: 'safe', report: () => undefined });
  try {
    const plaza = await startProcess({ NODE_ENV: 'development', DATA_DIR: dataDir, DATABASE_URL: server.url, RATE_LIMIT_SCALE: '1000000' });
    const database = mysql.createPool({ uri: server.url });
    try {
      await fill(database);
      return [await csv(plaza, server.url, path.join(dataDir, 'bare.csv'))];
    } finally {
      await database.end();
      plaza.kill('SIGTERM');
      await plaza.stopped;
    }
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Memes like those of the Library of Congress: some 300 bytes a row, one in ten with a quote in its caption. */
async function fill(database: Pool): Promise<void> {
  const digits = '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';
  await database.query(
    `INSERT INTO meme (id, external_id, template, caption, \`upper\`, \`lower\`, image_url, tags, rating, kind, status, likes, created_at)
     SELECT CONCAT('0198c0de-0000-7000-8000-', LPAD(n, 12, '0')), n, CONCAT('Hopeful Plant ', n MOD 997),
       CONCAT('I WAS WATERED, ', n, IF(n MOD 10 = 0, ' "times"', ' times'), ' by four neighbours in one day'), 'I WAS WATERED', 'by four neighbours in one day',
       CONCAT('https://example.org/memes/archive/', n, '.jpg'), 'plant,office', 'unrated', 'normal', 'visible', n MOD 50, UTC_TIMESTAMP(3)
     FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS n
             FROM ${digits} a, ${digits} b, ${digits} c, ${digits} e, ${digits} f, ${digits} g) numbers`,
  );
  const [[counted]] = (await database.query('SELECT COUNT(*) AS memes FROM meme')) as unknown as [{ memes: number }[]];
  if (counted?.memes !== ROWS) throw new Error(`there are ${counted?.memes} memes, not ${ROWS}: the figure would be worthless`);
}

async function csv(plaza: PlazaProcess, databaseUrl: string, bareFile: string): Promise<BenchRow> {
  const member = await signUp(plaza);
  const rounds: { plaza: number; baseline: number; growth: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const baseline = await perSecond(() => bare(databaseUrl, bareFile));
    let growth = 0;
    const exported = await perSecond(async () => (growth = await exportOnce(plaza, member)));
    rounds.push({ plaza: exported, baseline, growth });
  }
  const growth = Math.max(...rounds.map((round) => round.growth)) / 2 ** 20;
  return {
    name: `CSV of ${ROWS.toLocaleString('en-US')} memes`,
    unit: 'rows/s',
    plaza: median(rounds.map((round) => round.plaza)),
    baseline: median(rounds.map(({ baseline }) => baseline)),
    against: 'bare mysql2 stream piped to a file',
    aim: 0.5,
    note: `RSS grew by ${growth.toFixed(0)} MiB at most (aim: under 64)`,
  };
}

async function bare(databaseUrl: string, file: string): Promise<void> {
  const process = fork(path.join(import.meta.dirname, 'bare-rows.mjs'), [databaseUrl, `SELECT ${COLUMNS} FROM meme`, file]);
  const [code] = (await once(process, 'exit')) as [number];
  if (code !== 0 || (await stat(file)).size < ROWS * 100) throw new Error(`the baseline ended with ${code}`);
}

/** From the order to the file; answers by how many bytes the process grew meanwhile. */
async function exportOnce(plaza: PlazaProcess, headers: Record<string, string>): Promise<number> {
  const before = await residentBytes(plaza);
  let peak = before;
  const order = await fetch(`${plaza.url}/api/exports`, {
    method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ source: 'memes', format: 'csv' }),
  });
  const { id } = (await order.json()) as { id: string };
  for (;;) {
    const { state, rowsDone } = (await (await fetch(`${plaza.url}/api/exports/${id}`, { headers })).json()) as { state: string; rowsDone: number };
    peak = Math.max(peak, await residentBytes(plaza));
    if (state === 'succeeded' && rowsDone === ROWS) return peak - before;
    if (state !== 'queued' && state !== 'running') throw new Error(`the export is ${state} with ${rowsDone} rows:\n${plaza.output()}`);
    await sleep(50);
  }
}

async function signUp({ url }: PlazaProcess): Promise<Record<string, string>> {
  const answer = await fetch(`${url}/api/members`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'bench@example.org', password: 'a quiet corner desk', displayName: 'Bench' }),
  });
  return { authorization: `Bearer ${((await answer.json()) as { accessToken: string }).accessToken}` };
}

async function residentBytes({ url }: PlazaProcess): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)![1]);
}

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return ROWS / ((performance.now() - start) / 1000);
}
