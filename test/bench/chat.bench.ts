import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { io, type Socket } from 'socket.io-client';
import { startProcess } from '../support/process.js';
import { median, type BenchRow } from './bench-table.js';

const ROUNDS = 3;
const APP_SECRET = 'bench-0123456789-0123456789-0123456789';
/** Who listens in the room, and how many of them send. */
const LISTENERS = 200;
const SENDERS = 16;
/** Of each sender in a round. */
const HEARD_SENDS = 60;
/** Sends that wait for their acknowledgement at once, over all sockets of a measurement. */
const WAITING = 256;
const ROOMS = 64;
const SENDS = { plaza: 16_000, single: 2_000 } as const;
const IDLE = 5_000;
const SOCKETS_PER_MEMBER = 25;
const BYTES_PER_PAGE = 4_096;

interface Member {
  readonly id: string;
  readonly accessToken: string;
}

/** What came of messages that everybody in a room hears. Latencies in ms, from sending to hearing. */
interface Heard {
  readonly deliveredPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Messages to a room of 200 sockets, each durable before anybody hears it, against a Socket.IO server that only
 * broadcasts; acknowledged messages, in one room and in 64, against the same route with a transaction for each; and
 * what an idle socket costs.
 */
export async function chatBench(): Promise<BenchRow[]> {
  const bare = fork(path.join(import.meta.dirname, 'bare-socketio.mjs'));
  const [bareUrl] = (await once(bare, 'message')) as [string];
  const plaza = await BenchedChat.start({});
  const single = await BenchedChat.start({ NODE_OPTIONS: `--import=${pathToFileURL(path.join(import.meta.dirname, 'one-message-a-transaction.mjs')).href}` });
  try {
    return [await delivered(plaza, bareUrl), ...(await acknowledged(plaza, single)), await idle(plaza, bare, bareUrl)];
  } finally {
    bare.kill();
    await Promise.all([plaza.stop(), single.stop()]);
  }
}

async function delivered(plaza: BenchedChat, bareUrl: string): Promise<BenchRow> {
  const members = await plaza.members(LISTENERS);
  const conversationId = await plaza.conversation(members[0]!, members.slice(1));
  const [room, bareRoom] = [await connectAll(members.map((member) => ({ url: plaza.url, member }))), await connectAll(members.map((member) => ({ url: bareUrl, member })))];
  const rounds: { plaza: Heard; bare: Heard }[] = [];
  await hear(room, conversationId);
  await hear(bareRoom, conversationId);
  for (let number = 0; number < ROUNDS; number += 1) rounds.push({ bare: await hear(bareRoom, conversationId), plaza: await hear(room, conversationId) });
  for (const socket of [...room, ...bareRoom]) socket.disconnect();
  const of = (who: 'plaza' | 'bare', part: keyof Heard) => median(rounds.map((round) => round[who][part]));
  return {
    name: `Messages delivered to a room of ${LISTENERS} sockets`, unit: 'deliveries/s', plaza: of('plaza', 'deliveredPerSecond'), baseline: of('bare', 'deliveredPerSecond'),
    against: 'Socket.IO that only broadcasts', aim: 0.7,
    note: `${SENDERS} senders, each waits for its acknowledgement; p50 ${of('plaza', 'p50')} ms, p99 ${of('plaza', 'p99')} ms; bare p50 ${of('bare', 'p50')} ms, p99 ${of('bare', 'p99')} ms`,
  };
}

/** Sends, and waits until everybody has heard everything. */
async function hear(room: readonly Socket[], conversationId: string): Promise<Heard> {
  const expected = SENDERS * HEARD_SENDS * room.length;
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  const started = performance.now();
  const all = new Promise<void>((resolve) => {
    for (const socket of room) {
      socket.on('event', ({ data }: { data: { message: { clientId: string } } }) => {
        latencies.push(performance.now() - sentAt.get(data.message.clientId)!);
        if (latencies.length === expected) resolve();
      });
    }
  });
  await Promise.all(room.slice(0, SENDERS).map(async (socket) => {
    for (let i = 0; i < HEARD_SENDS; i += 1) {
      const clientId = randomUUID();
      sentAt.set(clientId, performance.now());
      await send(socket, conversationId, clientId);
    }
  }));
  await all;
  const seconds = (performance.now() - started) / 1_000;
  for (const socket of room) socket.off('event');
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)]!);
  return { deliveredPerSecond: expected / seconds, p50: at(0.5), p99: at(0.99) };
}

async function acknowledged(plaza: BenchedChat, single: BenchedChat): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const rooms of [1, ROOMS]) {
    const [many, one] = [await plaza.senders(rooms), await single.senders(rooms)];
    await sendAll(many, SENDS.single);
    await sendAll(one, SENDS.single);
    const rounds: { plaza: number; single: number }[] = [];
    for (let number = 0; number < ROUNDS; number += 1) rounds.push({ single: await sendAll(one, SENDS.single), plaza: await sendAll(many, SENDS.plaza) });
    for (const { socket } of [...many, ...one]) socket.disconnect();
    rows.push({
      name: rooms === 1 ? 'Acknowledged messages in one room' : `Acknowledged messages in ${rooms} rooms`, unit: 'messages/s',
      plaza: median(rounds.map((round) => round.plaza)), baseline: median(rounds.map((round) => round.single)), against: 'one transaction a message', aim: 5, note: `${WAITING} wait at once`,
    });
  }
  return rows;
}

interface Sender {
  readonly socket: Socket;
  readonly conversationId: string;
}

/** Messages a second, each waited for. */
async function sendAll(senders: readonly Sender[], amount: number): Promise<number> {
  let left = amount;
  const started = performance.now();
  await Promise.all(Array.from({ length: WAITING }, async (_, i) => {
    const { socket, conversationId } = senders[i % senders.length]!;
    while (left > 0) {
      left -= 1;
      await send(socket, conversationId, randomUUID());
    }
  }));
  return amount / ((performance.now() - started) / 1_000);
}

async function send(socket: Socket, conversationId: string, clientId: string): Promise<void> {
  const answer = (await socket.timeout(30_000).emitWithAck('message.send', { conversationId, clientId, text: 'Who has the key to the roof garden?' })) as { ok: boolean };
  if (!answer.ok) throw new Error(`a message was refused: ${JSON.stringify(answer)}`);
}

/** What a socket costs that nobody uses, in bytes of resident memory. */
async function idle(plaza: BenchedChat, bare: ChildProcess, bareUrl: string): Promise<BenchRow> {
  const members = await plaza.members(IDLE / SOCKETS_PER_MEMBER);
  const each = async (url: string, pid: number): Promise<number> => {
    const before = await residentBytes(pid);
    const sockets = await connectAll(Array.from({ length: IDLE }, (_, i) => ({ url, member: members[i % members.length]! })));
    const bytes = (await residentBytes(pid)) - before;
    for (const socket of sockets) socket.disconnect();
    return bytes / IDLE;
  };
  return {
    name: `Memory of each of ${IDLE.toLocaleString('en-US')} idle sockets`, unit: 'bytes', plaza: await each(plaza.url, plaza.pid), baseline: await each(bareUrl, bare.pid!), against: 'bare Socket.IO', atMost: true,
  };
}

async function residentBytes(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]) * BYTES_PER_PAGE;
}

/** So many at a time that none waits for its turn too long. */
async function connectAll(wanted: readonly { url: string; member: Member }[]): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let first = 0; first < wanted.length; first += 50) {
    sockets.push(...(await Promise.all(wanted.slice(first, first + 50).map(async ({ url, member }) => {
      const socket = io(`${url}/chat`, { auth: { token: member.accessToken }, transports: ['websocket'], reconnection: false, forceNew: true });
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
      return socket;
    }))));
  }
  return sockets;
}

/** A server of its own. */
class BenchedChat {
  private constructor(
    private readonly server: Awaited<ReturnType<typeof startProcess>>,
    private readonly dataDir: string,
  ) {}

  static async start(environment: NodeJS.ProcessEnv): Promise<BenchedChat> {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
    return new BenchedChat(await startProcess({ NODE_ENV: 'development', DATA_DIR: dataDir, APP_SECRET, RATE_LIMIT_SCALE: '1000000', LOG_LEVEL: 'warn', ...environment }), dataDir);
  }

  get url(): string {
    return this.server.url;
  }

  get pid(): number {
    return this.server.pid;
  }

  async members(count: number): Promise<Member[]> {
    const members: Member[] = [];
    for (let i = 0; i < count; i += 1) {
      const { member, accessToken } = (await this.post('/api/members', { email: `${randomUUID()}@example.org`, password: 'a quiet corner desk', displayName: 'Somebody' })) as { member: { id: string }; accessToken: string };
      members.push({ id: member.id, accessToken });
    }
    return members;
  }

  async conversation(owner: Member, others: readonly Member[]): Promise<string> {
    const made = await this.post('/api/chat/conversations', { kind: 'group', memberIds: others.map(({ id }) => id) }, { authorization: `Bearer ${owner.accessToken}` });
    return (made as { id: string }).id;
  }

  /** Four sockets in one room, or one in each of many. */
  async senders(rooms: number): Promise<Sender[]> {
    const members = await this.members(rooms === 1 ? 4 : rooms);
    const sockets = await connectAll(members.map((member) => ({ url: this.url, member })));
    if (rooms > 1) return Promise.all(members.map(async (member, i) => ({ socket: sockets[i]!, conversationId: await this.conversation(member, []) })));
    const conversationId = await this.conversation(members[0]!, members.slice(1));
    return sockets.map((socket) => ({ socket, conversationId }));
  }

  async stop(): Promise<void> {
    this.server.kill('SIGTERM');
    await this.server.stopped;
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private async post(url: string, body: object, headers = {}): Promise<unknown> {
    const answer = await fetch(`${this.url}${url}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
