import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type PlazaProcess } from '../support/process.js';
import { median, type BenchRow } from './bench-table.js';

const MIB = 2 ** 20;
const BIG = 1024 * MIB;
const ROUNDS = 3;
const CROWD = 100;
const SMALL = 10 * MIB;

type Headers = Record<string, string>;

interface Upload {
  readonly bytesPerSecond: number;
  readonly growth: number;
  readonly peak: number;
}

/**
 * Files of a GiB by raw PUT and by tus, and a crowd of smaller ones, sent by this process to a Plaza process of
 * its own and in turns to a bare node:http server that pipes requests to files with the same hash and fsync.
 */
export async function uploadsBench(): Promise<BenchRow[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
  const bareFolder = path.join(folder, 'bare');
  await mkdir(bareFolder);
  const plaza = await startProcess({ NODE_ENV: 'development', DATA_DIR: path.join(folder, 'plaza'), RATE_LIMIT_SCALE: '1000000' });
  const bare = fork(path.join(import.meta.dirname, 'bare-upload.mjs'), [bareFolder]);
  const [bareUrl] = (await once(bare, 'message')) as [string];
  try {
    const member = await signUp(plaza);
    const baseline = async (count: number, size: number) => {
      const rate = await measured(bare.pid!, count * size, () => together(count, (payload) => put(bareUrl, {}, payload), size));
      for (const file of await readdir(bareFolder)) await rm(path.join(bareFolder, file));
      return rate;
    };
    const ours = async (count: number, size: number, send: (payload: Payload) => Promise<string>) => {
      const ids: string[] = [];
      const rate = await measured(plaza.pid, count * size, () => together(count, async (payload) => {
        const id = await send(payload);
        ids.push(id);
        return id;
      }, size));
      for (const id of ids) await finish(plaza, member, id);
      return rate;
    };
    const raw = (payload: Payload) => put(`${plaza.url}/api/files/raw?name=bench.bin`, member, payload);
    return [
      await row('1 GiB by raw PUT', () => baseline(1, BIG), () => ours(1, BIG, raw), ({ growth }) => `RSS grew by ${mib(growth)} MiB at most (aim: under 64)`),
      await row('1 GiB by tus, one PATCH', () => baseline(1, BIG), () => ours(1, BIG, (payload) => tus(plaza, member, payload)), ({ growth }) => `RSS grew by ${mib(growth)} MiB at most (aim: under 64)`),
      await row(`${CROWD} × 10 MiB at once by raw PUT`, () => baseline(CROWD, SMALL), () => ours(CROWD, SMALL, raw), ({ peak }) => `RSS ${mib(peak)} MiB at most (aim: under 300)`, false),
    ];
  } finally {
    bare.kill();
    plaza.kill('SIGTERM');
    await plaza.stopped;
    await rm(folder, { recursive: true, force: true });
  }
}

async function row(name: string, baseline: () => Promise<Upload>, ours: () => Promise<Upload>, note: (worst: Upload) => string, hasAim = true): Promise<BenchRow> {
  const rounds: { ours: Upload; baseline: Upload }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push({ baseline: await baseline(), ours: await ours() });
  const of = (uploads: Upload[]) => median(uploads.map(({ bytesPerSecond }) => bytesPerSecond / 1e6));
  const all = rounds.map((round) => round.ours);
  return {
    name,
    unit: 'MB/s',
    plaza: of(all),
    baseline: of(rounds.map((round) => round.baseline)),
    against: 'bare node:http piping to a file with hash and fsync',
    ...(hasAim && { aim: 0.7 }),
    note: note({ bytesPerSecond: 0, growth: Math.max(...all.map(({ growth }) => growth)), peak: Math.max(...all.map(({ peak }) => peak)) }),
  };
}

const mib = (bytes: number): string => (bytes / MIB).toFixed(0);

/** Bytes that no file type begins with and no two files share. */
class Payload {
  private readonly block = Buffer.concat([Buffer.from([0xfe, 0xfe]), randomBytes(MIB - 2)]);
  readonly sha256: string;

  constructor(readonly size: number) {
    const hash = createHash('sha256');
    for (let sent = 0; sent < size; sent += MIB) hash.update(this.block);
    this.sha256 = hash.digest('hex');
  }

  async sendTo(request: http.ClientRequest): Promise<void> {
    for (let sent = 0; sent < this.size; sent += MIB) if (!request.write(this.block)) await once(request, 'drain');
    request.end();
  }
}

/** Sends `count` payloads at once; they are made before the watch starts. */
async function together(count: number, send: (payload: Payload) => Promise<string>, size: number): Promise<() => Promise<void>> {
  const payloads = Array.from({ length: count }, () => new Payload(size));
  return async () => void (await Promise.all(payloads.map(send)));
}

/** How fast `bytes` were taken, and how much memory the process had meanwhile. */
async function measured(pid: number, bytes: number, prepare: () => Promise<() => Promise<void>>): Promise<Upload> {
  const work = await prepare();
  const before = await residentBytes(pid);
  let peak = before;
  let running = true;
  const watching = (async () => {
    for (; running; await sleep(25)) peak = Math.max(peak, await residentBytes(pid));
  })();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  running = false;
  await watching;
  return { bytesPerSecond: bytes / seconds, growth: peak - before, peak };
}

/** One PUT of the payload; answers the id of the file, having checked the hash. */
async function put(url: string, headers: Headers, payload: Payload): Promise<string> {
  const { body } = await request(url, 'PUT', { ...headers, 'content-type': 'application/octet-stream', 'content-length': String(payload.size) }, payload, 201);
  const { id = '', sha256 } = JSON.parse(body) as { id?: string; sha256: string };
  if (sha256 !== payload.sha256) throw new Error(`${url} took other bytes than were sent: the figure would be worthless`);
  return id;
}

async function tus(plaza: PlazaProcess, headers: Headers, payload: Payload): Promise<string> {
  const common = { ...headers, 'tus-resumable': '1.0.0' };
  const made = await request(`${plaza.url}/api/files/tus`, 'POST', { ...common, 'upload-length': String(payload.size), 'upload-metadata': `filename ${btoa('bench.bin')}`, 'content-length': '0' }, undefined, 201);
  const location = new URL(made.location!, plaza.url);
  await request(location.href, 'PATCH', { ...common, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream', 'content-length': String(payload.size) }, payload, 204);
  const id = location.pathname.split('/').at(-1)!;
  const { sha256 } = (await (await fetch(`${plaza.url}/api/files/${id}`, { headers })).json()) as { sha256: string };
  if (sha256 !== payload.sha256) throw new Error(`tus took other bytes than were sent: the figure would be worthless`);
  return id;
}

async function request(url: string, method: string, headers: Headers, payload: Payload | undefined, wanted: number): Promise<{ body: string; location?: string }> {
  const sending = http.request(url, { method, headers, agent: false });
  const answered = once(sending, 'response') as Promise<[http.IncomingMessage]>;
  if (payload) await payload.sendTo(sending);
  else sending.end();
  const [answer] = await answered;
  let body = '';
  for await (const chunk of answer) body += String(chunk);
  if (answer.statusCode !== wanted) throw new Error(`${method} ${url} was answered ${answer.statusCode}: ${body}`);
  return { body, location: answer.headers.location };
}

/** Waits until the file is checked, so that this does not weigh on the next round, and removes it. */
async function finish({ url, output }: PlazaProcess, headers: Headers, id: string): Promise<void> {
  for (;;) {
    const { state } = (await (await fetch(`${url}/api/files/${id}`, { headers })).json()) as { state: string };
    if (state === 'ready') break;
    if (state !== 'processing') throw new Error(`the file is ${state}:\n${output()}`);
    await sleep(50);
  }
  await fetch(`${url}/api/files/${id}`, { method: 'DELETE', headers });
}

async function signUp({ url }: PlazaProcess): Promise<Headers> {
  const answer = await fetch(`${url}/api/members`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'bench@example.org', password: 'a quiet corner desk', displayName: 'Bench' }),
  });
  return { authorization: `Bearer ${((await answer.json()) as { accessToken: string }).accessToken}` };
}

/** Read from outside, so that asking costs the process nothing. Linux only. */
async function residentBytes(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}
