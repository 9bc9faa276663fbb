import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { COLUMNS, type MemeFields } from '../../src/features/memes/importing/meme-file.rules.js';
import { eventually } from '../support/eventually.js';
import { startProcess } from '../support/process.js';
import { seededChance } from '../support/seeded-chance.js';
import { median, type BenchRow } from './bench-table.js';
import { load, type Load } from './load.js';
import { memeCorpus, queriesOf } from './memes-corpus.js';

const ROOT = path.join(import.meta.dirname, '../..');
const ROUNDS = 3;
const CONNECTIONS = 128;
/** Of each connection in a round: some seconds. */
const REQUESTS = { plaza: 250, bare: 600 } as const;
const OFTEN_ASKED = 3_000;
/** Answers of Plaza's that the bare server sends in turn. */
const BODIES = 64;
const JSON_HEADERS = { 'content-type': 'application/json' } as const;

/** Answers the path of the next search. */
type NextSearch = () => string;

/**
 * Searches with an API token, paid call by call, against bare node:http that sends the same bytes: with a query in
 * each request that never came before, and with a mix in which few queries are asked often (Zipf). In the end each
 * answer that was received must have been charged, and nothing else.
 */
export async function memesHttpBench(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
  const environment = { NODE_ENV: 'development', DATA_DIR: dataDir };
  const plaza = await startProcess({ ...environment, RATE_LIMIT_SCALE: '1000000', CREDITS_AT_SIGNUP: '1000000' });
  try {
    const corpus = await memeCorpus();
    await importMemes(corpus, path.join(dataDir, 'bench.tsv'), environment);
    const client = await ApiClient.of(plaza.url);
    await eventually(() => client.expectMemes(corpus.length), 60_000);
    const rows = [
      await measured(client, { name: 'another query each time, with typos', next: distinctSearches(corpus), aim: 0.35 }),
      await measured(client, { name: `mix of ${OFTEN_ASKED.toLocaleString('en-US')} queries (Zipf)`, next: repeatedSearches(corpus), aim: 0.5 }),
    ];
    await client.expectAllCharged();
    return rows;
  } finally {
    plaza.kill('SIGTERM');
    await plaza.stopped;
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** By the import command, beside the running server. */
async function importMemes(corpus: readonly MemeFields[], file: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const fields = Object.keys(COLUMNS) as (keyof MemeFields)[];
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = corpus.map((meme, number) => fields.map((field) => cell(field === 'externalId' ? String(number + 1) : meme[field])).join('\t'));
  await writeFile(file, [fields.map((field) => COLUMNS[field]).join('\t'), ...lines, ''].join('\r\n'));
  await promisify(execFile)(process.execPath, ['dist/src/features/memes/importing/memes-import.main.js', file], { cwd: ROOT, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment } });
}

/** An API token that has calls enough, and a count of what it was answered. */
class ApiClient {
  private served = 0;

  private constructor(
    readonly url: string,
    readonly headers: Record<string, string>,
    private readonly tokenId: string,
    private readonly memberHeaders: Record<string, string>,
  ) {}

  static async of(url: string): Promise<ApiClient> {
    const post = async (path: string, body: object, headers = {}): Promise<Record<string, string>> => {
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) });
      if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as Record<string, string>;
    };
    const { accessToken } = await post('/api/members', { email: 'bench@example.org', password: 'a quiet corner desk', displayName: 'Bench' });
    const memberHeaders = { authorization: `Bearer ${accessToken}` };
    const { id, secret } = await post('/api/api-tokens', { name: 'bench' }, memberHeaders);
    await post(`/api/api-tokens/${id}/calls`, { credits: 1_000_000 }, memberHeaders);
    return new ApiClient(url, { 'x-token': secret! }, id!, memberHeaders);
  }

  async expectMemes(count: number): Promise<void> {
    let memes = 0;
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = (await this.read(`/api/memes/templates?limit=100&cursor=${cursor}`)) as { items: { memes: number }[]; nextCursor: string | null };
      for (const template of page.items) memes += template.memes;
      cursor = page.nextCursor;
    }
    if (memes < count) throw new Error(`only ${memes} memes are there`);
  }

  /** Bodies of searches, as they are sent. */
  async bodies(paths: readonly string[]): Promise<string[]> {
    const answers = await Promise.all(paths.map((path) => fetch(`${this.url}${path}`, { headers: this.headers })));
    this.note(answers.filter(({ status }) => status === 200).length);
    return Promise.all(answers.map((answer) => answer.text()));
  }

  note(answers: number): void {
    this.served += answers;
  }

  async expectAllCharged(): Promise<void> {
    const { callsTotal, charged } = (await this.read(`/api/userstats?token=${this.tokenId}`)) as { callsTotal: number; charged: number };
    if (callsTotal !== this.served || charged !== this.served) throw new Error(`${this.served} searches were answered, ${callsTotal} counted and ${charged} charged`);
  }

  /** With the member's session, which pays nothing. */
  private async read(path: string): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, { headers: this.memberHeaders });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}

function distinctSearches(corpus: readonly MemeFields[]): NextSearch {
  const queries = queriesOf(corpus, { count: Infinity, seed: 2024, typos: 'each' });
  const known = new Set<string>();
  return () => {
    let query: string;
    do query = queries.next().value as string;
    while (known.has(query));
    known.add(query);
    return searchFor(query);
  };
}

/** The query that is asked most is asked twice as often as the second, three times as often as the third, and so on. */
function repeatedSearches(corpus: readonly MemeFields[]): NextSearch {
  const paths = [...queriesOf(corpus, { count: OFTEN_ASKED, seed: 7, typos: 'half' })].map(searchFor);
  let sum = 0;
  const shares = paths.map((_, rank) => (sum += 1 / (rank + 1)));
  const chance = seededChance(99);
  return () => {
    const drawn = chance() * sum;
    return paths[shares.findIndex((share) => drawn < share)]!;
  };
}

const searchFor = (query: string): string => `/api/memes?fuzzy=true&query=${encodeURIComponent(query)}`;

async function measured(client: ApiClient, { name, next, aim }: { name: string; next: NextSearch; aim: number }): Promise<BenchRow> {
  const bodies = await client.bodies(Array.from({ length: BODIES }, next));
  const bare = fork(path.join(import.meta.dirname, 'bare-http.mjs'), bodies);
  const [bareUrl] = (await once(bare, 'message')) as [string];
  const ask = async (origin: string, perConnection: number): Promise<Load> =>
    load(origin, Array.from({ length: CONNECTIONS * perConnection }, () => ({ path: next(), headers: client.headers })), CONNECTIONS);
  const askPlaza = async (): Promise<Load> => {
    const result = await ask(client.url, REQUESTS.plaza);
    client.note(CONNECTIONS * REQUESTS.plaza);
    return result;
  };
  try {
    await askPlaza();
    const rounds: { plaza: Load; bare: Load }[] = [];
    for (let number = 0; number < ROUNDS; number += 1) rounds.push({ bare: await ask(new URL(bareUrl).origin, REQUESTS.bare), plaza: await askPlaza() });
    const [p50, p99] = (['p50', 'p99'] as const).map((part) => median(rounds.map(({ plaza }) => plaza[part])));
    return {
      name: `GET /api/memes, API token, ${name}`,
      unit: 'requests/s',
      plaza: median(rounds.map(({ plaza }) => plaza.perSecond)),
      baseline: median(rounds.map(({ bare: other }) => other.perSecond)),
      against: 'bare node:http, same bytes',
      aim,
      note: `${CONNECTIONS} connections, answers of ${Math.round(bodies.join('').length / BODIES / 100) / 10} kB, p50 ${p50} ms, p99 ${p99} ms; every answer charged, no other`,
    };
  } finally {
    bare.kill();
  }
}
