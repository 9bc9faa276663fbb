import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import type { ChatEvent, LogCursor } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import type { Synced } from '../../src/features/chat/log/chat-sync.service.js';
import type { Polled } from '../../src/features/chat/log/long-poll.service.js';
import type { MessageDraft, Sent } from '../../src/features/chat/messages/messages.types.js';
import type { GivenMember } from './app.js';
import type { Acknowledged } from './chat.js';

/** Longer than the server may take for an answer. */
const ACKNOWLEDGED_WITHIN_MS = 12_000;
const AGAIN_AFTER_MS = 20;
const EVENTS_PER_SYNC = 500;
const POLL_SECONDS = 20;
/** Refusals after which the same may be sent again. */
const PASSING = new Set(['server.busy', 'rate.limited', 'timeout', 'internal']);

export const WAYS = ['websocket', 'polling', 'upgrade', 'long-poll'] as const;
/** How a client is connected: by Socket.IO, begun with either transport, or by plain HTTP. */
export type Way = (typeof WAYS)[number];

export interface Line {
  readonly url: string;
  readonly way: Way;
}

/** A refusal that sending again does not help. */
export class ClientRefused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** A conversation as a client has it. */
export interface ClientLog {
  epoch: number;
  seq: number;
  /** Each event as {@link lineOf} says it, in the order in which they were applied. */
  readonly lines: string[];
  /** Each message as it is now, by its id. */
  readonly messages: Map<string, { version: number; text: string | null; deleted: boolean }>;
  /** Grows with each event that came unasked. */
  heard: number;
}

interface Connection extends Line {
  readonly socket?: Socket;
  /** Aborted when the client hangs up, or loses the line. */
  readonly ended: AbortController;
}

/**
 * A chat client as the author of an app writes it, from what the documentation says. It keeps `(epoch, seq)` for each
 * conversation, applies `have + 1`, drops what it has, syncs at a gap, and sends again what nobody acknowledged.
 */
export class ChatClient {
  readonly logs = new Map<string, ClientLog>();
  /** What was sent and is not acknowledged, by clientId. */
  readonly outbox = new Map<string, Sent | undefined>();
  /** How often it has sent a message, repetitions counted. */
  sends = 0;
  /** Whether an acknowledgement that came is treated as one that did not. */
  losesAcknowledgement = (): boolean => false;
  private wanted: Line | undefined;
  private connection: Connection | undefined;
  private connecting: Connection | undefined;
  private online = deferred<Connection>();
  private again = false;
  private syncing: Promise<void> | undefined;

  constructor(readonly member: Pick<GivenMember, 'id' | 'accessToken'>) {}

  get isConnected(): boolean {
    return this.connection !== undefined;
  }

  /** Resolves when the client hears what happens. It comes back by itself, on the same line, until it is told otherwise. */
  async connect(line: Line): Promise<void> {
    this.disconnect();
    this.wanted = line;
    void this.dial(line);
    await this.online.promise;
  }

  disconnect(): void {
    this.wanted = undefined;
    this.hangUp();
  }

  /** Loses the line, with whatever is on its way; it comes back by itself. */
  drop(): void {
    const { connection } = this;
    if (connection === undefined) return;
    connection.socket?.io.engine?.close();
    this.lost(connection);
  }

  /**
   * Resolves when it is known that the message is durable, however often it takes.
   *
   * @throws ClientRefused
   */
  async send(conversationId: string, draft: Partial<MessageDraft> & { text: string }): Promise<Sent> {
    const whole = { clientId: randomUUID(), ...draft };
    this.outbox.set(whole.clientId, undefined);
    for (;;) {
      const connection = await this.online.promise;
      const answer = await this.transmit(connection, conversationId, whole).catch(() => undefined);
      if (answer?.ok === true && !this.losesAcknowledgement()) {
        this.outbox.delete(whole.clientId);
        return answer.data!;
      }
      if (answer?.ok === false && !PASSING.has(answer.error!.code)) {
        this.outbox.delete(whole.clientId);
        throw new ClientRefused(answer.error!.code);
      }
      if (answer === undefined || !answer.ok) await sleep(AGAIN_AFTER_MS);
    }
  }

  /** The same by plain HTTP, at any process, once. */
  post(url: string, conversationId: string, draft: MessageDraft, signal?: AbortSignal): Promise<Acknowledged<Sent>> {
    return this.http<Sent>(url, 'POST', `conversations/${conversationId}/messages`, draft, signal);
  }

  /** Asks for what is missing. Resolves when there is nothing more to ask. */
  async sync(): Promise<void> {
    this.again = true;
    if (this.connection === undefined) return;
    this.syncing ??= this.syncOn();
    await this.syncing;
  }

  private async dial(line: Line): Promise<void> {
    if (line.way === 'long-poll') return this.pollOn(line);
    const transports = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] }[line.way];
    const socket = io(`${line.url}/chat`, { auth: { token: this.member.accessToken }, transports, reconnection: false, forceNew: true });
    const connection: Connection = { ...line, socket, ended: new AbortController() };
    connection.ended.signal.addEventListener('abort', () => socket.disconnect());
    this.connecting = connection;
    socket.on('connect', () => void this.arrive(connection));
    socket.on('event', (event: ChatEvent) => this.hear(event));
    socket.on('resync', () => void this.sync());
    socket.on('connect_error', () => this.lost(connection));
    socket.on('disconnect', () => this.lost(connection));
  }

  /** Long polling, of a client that has nothing but HTTP. */
  private async pollOn(line: Line): Promise<void> {
    const connection: Connection = { ...line, ended: new AbortController() };
    this.connecting = connection;
    const { signal } = connection.ended;
    let since: string | undefined;
    while (!signal.aborted) {
      try {
        const query = since === undefined ? 'timeout=0' : `timeout=${POLL_SECONDS}&since=${since}`;
        const { ok, data } = await this.http<Polled>(line.url, 'GET', `poll?${query}`, undefined, signal);
        if (!ok) throw new Error('not polled');
        if (since === undefined) await this.arrive(connection);
        since = data!.next;
        for (const event of data!.events) this.hear(event);
      } catch {
        if (!signal.aborted) await sleep(AGAIN_AFTER_MS);
      }
    }
  }

  /** Events come from now on: those before are asked for. */
  private async arrive(connection: Connection): Promise<void> {
    if (connection.ended.signal.aborted) return;
    this.connection = connection;
    this.online.resolve(connection);
    try {
      for (const { id, epoch } of await this.conversations(connection)) if (!this.logs.has(id)) this.open(id, epoch);
      void this.sync();
    } catch {
      this.lost(connection);
    }
  }

  private async conversations(connection: Connection): Promise<Conversation[]> {
    const all: Conversation[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { ok, data } = await this.http<{ items: Conversation[]; nextCursor: string | null }>(connection.url, 'GET', `conversations?limit=100${query}`, undefined, connection.ended.signal);
      if (!ok) throw new Error('not listed');
      all.push(...data!.items);
      cursor = data!.nextCursor;
    }
    return all;
  }

  private hangUp(): void {
    const { connection, connecting } = this;
    this.connection = undefined;
    this.connecting = undefined;
    if (connection !== undefined) this.online = deferred();
    for (const one of [connection, connecting]) one?.ended.abort();
  }

  private lost(connection: Connection): void {
    if (connection !== this.connection && connection !== this.connecting) return;
    this.hangUp();
    const { wanted } = this;
    if (wanted === undefined) return;
    setTimeout(() => {
      if (this.wanted === wanted && this.connecting === undefined) void this.dial(wanted);
    }, AGAIN_AFTER_MS);
  }

  private transmit(connection: Connection, conversationId: string, draft: MessageDraft): Promise<Acknowledged<Sent>> {
    this.sends += 1;
    if (connection.socket === undefined) return this.post(connection.url, conversationId, draft, connection.ended.signal);
    return connection.socket.timeout(ACKNOWLEDGED_WITHIN_MS).emitWithAck('message.send', { conversationId, ...draft }) as Promise<Acknowledged<Sent>>;
  }

  private hear(event: ChatEvent): void {
    const log = this.logs.get(event.conversationId) ?? this.open(event.conversationId, event.epoch);
    log.heard += 1;
    if (event.epoch === log.epoch && event.seq <= log.seq) return;
    if (event.epoch === log.epoch && event.seq === log.seq + 1) this.apply(log, event);
    else void this.sync();
  }

  private open(conversationId: string, epoch: number): ClientLog {
    const log: ClientLog = { epoch, seq: 0, lines: [], messages: new Map(), heard: 0 };
    this.logs.set(conversationId, log);
    return log;
  }

  private apply(log: ClientLog, event: ChatEvent): void {
    log.seq = event.seq;
    log.epoch = event.epoch;
    log.lines.push(lineOf(event));
    const { data } = event;
    if ('message' in data) {
      const { id, version, text, deleted } = data.message;
      const known = log.messages.get(id);
      if (known === undefined || (!known.deleted && (deleted || version >= known.version))) log.messages.set(id, { version, text, deleted });
    } else if (event.type === 'message.deleted' && 'messageId' in data) {
      log.messages.set(data.messageId, { version: 0, text: null, deleted: true });
    } else if (event.type === 'member.left' && 'memberId' in data && data.memberId === this.member.id) {
      this.leave(event.conversationId, log);
    }
  }

  /** I went. When the log is being read from its start I may have come again since: the sync says so. */
  private leave(conversationId: string, log: ClientLog): void {
    if (this.syncing === undefined && this.logs.get(conversationId) === log) this.logs.delete(conversationId);
    else void this.sync();
  }

  private async syncOn(): Promise<void> {
    // With the next connection it is asked again.
    while (this.again && this.connection !== undefined) await this.syncOnce(this.connection);
    // At once, not by a `finally`: what is asked for in between would wait for nothing.
    this.syncing = undefined;
  }

  private async syncOnce(connection: Connection): Promise<void> {
    this.again = false;
    const asked = new Map([...this.logs].map(([id, log]) => [id, { log, heard: log.heard }]));
    const cursors = Object.fromEntries([...asked].map(([id, { log: { epoch, seq } }]) => [id, { epoch, seq } satisfies LogCursor]));
    const answer = await this.ask(connection, { cursors, limit: EVENTS_PER_SYNC }).catch(() => undefined);
    if (answer?.ok === true) return this.take(answer.data!, asked);
    this.again = true;
    await sleep(AGAIN_AFTER_MS);
  }

  private ask(connection: Connection, body: object): Promise<Acknowledged<Synced>> {
    if (connection.socket === undefined) return this.http<Synced>(connection.url, 'POST', 'sync', body, connection.ended.signal);
    return connection.socket.timeout(ACKNOWLEDGED_WITHIN_MS).emitWithAck('sync', body) as Promise<Acknowledged<Synced>>;
  }

  private take({ events, resets, gone, more }: Synced, asked: ReadonlyMap<string, { log: ClientLog; heard: number }>): void {
    const isAsAsked = (id: string) => asked.has(id) && this.logs.get(id) === asked.get(id)!.log;
    for (const { conversationId, epoch, seq } of resets) {
      if (!isAsAsked(conversationId)) continue;
      this.open(conversationId, epoch).seq = seq;
      this.again = true;
    }
    for (const event of events) {
      const log = this.logs.get(event.conversationId);
      if (isAsAsked(event.conversationId) && event.seq === log!.seq + 1 && (event.epoch === log!.epoch || log!.seq === 0)) this.apply(log!, event);
    }
    for (const id of gone) {
      if (!isAsAsked(id)) continue;
      // What came meanwhile may be that I am in again.
      if (this.logs.get(id)!.heard === asked.get(id)!.heard) this.logs.delete(id);
      else {
        this.open(id, 0);
        this.again = true;
      }
    }
    if (more) this.again = true;
  }

  private http<T>(url: string, method: string, path: string, body?: object, signal: AbortSignal = AbortSignal.timeout(POLL_SECONDS * 2_000)): Promise<Acknowledged<T>> {
    return orAborted(signal, async () => {
      const answer = await fetch(`${url}/api/chat/${path}`, {
        method,
        headers: { authorization: `Bearer ${this.member.accessToken}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal,
      });
      const json = (await answer.json()) as T & { code: string; detail: string };
      return answer.ok ? { ok: true, data: json } : { ok: false, error: { code: json.code, message: json.detail } };
    });
  }
}

/** Node's fetch may never settle when it is aborted while a body comes: it holds its answer by a weak reference. */
async function orAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error('aborted'));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** An event without what may be shown otherwise later: what two logs have in common. */
export function lineOf({ seq, type, data }: ChatEvent): string {
  if ('message' in data) return `${seq} ${type} ${data.message.id}${type === 'message.created' ? ` ${data.message.senderId} ${data.message.clientId}` : ''}`;
  const { messageId = '', memberId = '', emoji = '' } = data as { messageId?: string; memberId?: string; emoji?: string };
  return `${seq} ${[type, messageId, memberId, emoji].filter((part) => part !== '').join(' ')}`;
}
