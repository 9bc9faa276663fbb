import { createHash } from 'node:crypto';
import { createParamDecorator, Injectable, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/actor-context.js';
import { Database } from '../database/database.js';
import { changedMeanwhile, errnoOf } from '../database/sql-errors.js';
import { Transactions, type Reader, type Tx } from '../database/transactions.js';
import type { DomainError } from '../errors/domain-error.js';
import { requestInvalid } from '../errors/house.errors.js';
import { Answer } from './answer.js';
import { idempotencyInProgress, idempotencyKeyRequired, idempotencyKeyReused } from './idempotency.errors.js';

/** The Idempotency-Key of a request and what it was sent with; undefined when the client sent none. */
export type IdempotencyRequest = { actorId: string; key: string; requestHash: Buffer } | undefined;

/** Visible ASCII, up to 100 characters: enough for a UUID or a hash in any spelling. */
const KEY = /^[\x21-\x7e]{1,100}$/;

/** As long as the lock wait that twins in other processes have. */
const TWIN_PATIENCE_MS = 5_000;

/**
 * Runs work once per Idempotency-Key. Key, work and answer commit together: the first statement of the
 * transaction inserts the key, so a twin waits on that row and then replays the answer.
 */
@Injectable()
export class Idempotency {
  /** By actor and key: settles when the last of the twins in this process is done. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /**
   * Opens the transaction for `work` and keeps the answer with it. Without a key it is just the transaction.
   *
   * @param answer makes the answer to send and keep; never one that carries a secret
   * @throws idempotencyInProgress when the first request holds the key for longer than the lock wait (5 s)
   * @throws idempotencyKeyReused when the key came with another method, path or body
   */
  run<T>(request: IdempotencyRequest, work: (tx: Tx) => Promise<T>, answer: (result: T) => Answer): Promise<Answer> {
    return request === undefined ? this.transactions.run(async (tx) => answer(await work(tx))) : this.inTurn(request, () => this.once(request, work, answer));
  }

  /**
   * Like {@link run}, for work that needs something first which takes too long for a transaction: `prepare` gets
   * it, outside of any, and not at all where an answer is kept. Twins in other processes may both prepare; only
   * one of them gets to work, and the other replays its answer.
   *
   * @throws idempotencyInProgress; idempotencyKeyReused
   */
  async runPrepared<P, T>(request: IdempotencyRequest, prepare: () => Promise<P>, work: (tx: Tx, prepared: P) => Promise<T>, answer: (result: T) => Answer): Promise<Answer> {
    if (request === undefined) {
      const prepared = await prepare();
      return this.transactions.run(async (tx) => answer(await work(tx, prepared)));
    }
    return this.inTurn(request, async () => {
      const kept = await keptAnswer(this.database, request);
      if (kept !== undefined) return kept;
      const prepared = await prepare();
      return this.once(request, (tx) => work(tx, prepared), answer);
    });
  }

  /**
   * For work that commits many requests at once: what was kept for each of these, by its request. Asked inside the
   * transaction, behind whatever lets only one of them pass.
   */
  async kept(reader: Reader, requests: readonly NonNullable<IdempotencyRequest>[]): Promise<Map<NonNullable<IdempotencyRequest>, Answer | DomainError>> {
    if (requests.length === 0) return new Map();
    const rows = await reader.rows<KeptRow & { actorId: string; key: string }>(
      `SELECT actor_id AS actorId, idempotency_key AS \`key\`, ${KEPT_COLUMNS} FROM idempotency WHERE (actor_id, idempotency_key) IN (?) AND status IS NOT NULL`,
      [requests.map(({ actorId, key }) => [actorId, key])],
    );
    const byKey = new Map(rows.filter(({ expired }) => expired === 0).map((row) => [`${row.actorId} ${row.key}`, row]));
    const found = requests.flatMap((request) => {
      const row = byKey.get(`${request.actorId} ${request.key}`);
      return row === undefined ? [] : [[request, row.requestHash.equals(request.requestHash) ? replayOf(row) : idempotencyKeyReused()] as const];
    });
    return new Map(found);
  }

  /**
   * Keeps the answers of many requests that this transaction commits. Where another transaction took one of the keys
   * since {@link kept} was asked, all of this one has to be done again, and `kept` then says so.
   */
  async keep(tx: Tx, answers: readonly (readonly [NonNullable<IdempotencyRequest>, Answer])[]): Promise<void> {
    if (answers.length === 0) return;
    const rows = answers.map(([{ actorId, key, requestHash }, { status, headers, body }]) => [actorId, key, requestHash, status, JSON.stringify(headers), JSON.stringify(body)]);
    // What is past its time is replaced; the time comes last, since each of the others is decided by it.
    const replaced = ['request_hash', 'status', 'headers', 'body', 'created_at'].map((column) => `${column} = IF(created_at < UTC_TIMESTAMP(3) - INTERVAL 24 HOUR, VALUES(${column}), ${column})`);
    await tx.write(
      `INSERT INTO idempotency (actor_id, idempotency_key, request_hash, status, headers, body, created_at) VALUES ${rows.map(() => '(?, UTC_TIMESTAMP(3))').join(', ')}
       ON DUPLICATE KEY UPDATE ${replaced.join(', ')}`,
      rows,
    );
    const requests = answers.map(([request]) => request);
    const found = await this.kept(tx, requests);
    if (requests.some((request) => !(found.get(request) instanceof Answer))) throw changedMeanwhile('another request took the same Idempotency-Key');
  }

  /** Tidies keys past their 24 h; they are already gone to every reader. */
  async deleteExpired(): Promise<void> {
    await this.transactions.runInParts((tx, limit) => tx.write(`DELETE FROM idempotency WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL 24 HOUR LIMIT ${limit}`));
  }

  private once<T>(request: NonNullable<IdempotencyRequest>, work: (tx: Tx) => Promise<T>, answer: (result: T) => Answer): Promise<Answer> {
    return this.transactions.run(async (tx) => {
      const kept = await claim(tx, request);
      if (kept !== undefined) return kept;
      const made = answer(await work(tx));
      await tx.write('UPDATE idempotency SET status = ?, headers = ?, body = ? WHERE actor_id = ? AND idempotency_key = ?', [
        made.status, JSON.stringify(made.headers), JSON.stringify(made.body), request.actorId, request.key,
      ]);
      return made;
    });
  }

  /**
   * Twins that meet in one process wait here. The row would hold them apart as well, but each with a
   * connection of the pool in its hand, and when the first is refused the others deadlock over its place.
   */
  private async inTurn<T>({ actorId, key }: NonNullable<IdempotencyRequest>, work: () => Promise<T>): Promise<T> {
    const twins = `${actorId} ${key}`;
    const before = this.turns.get(twins) ?? Promise.resolve();
    let done = (): void => undefined;
    const mine = new Promise<void>((resolve) => (done = resolve));
    const turn = before.then(() => mine);
    this.turns.set(twins, turn);
    try {
      if (!(await settlesWithin(before, TWIN_PATIENCE_MS))) throw idempotencyInProgress({ retryAfterSeconds: 1 });
      return await work();
    } finally {
      done();
      if (this.turns.get(twins) === turn) this.turns.delete(twins);
    }
  }
}

async function settlesWithin(work: Promise<void>, patienceMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), patienceMs)));
  try {
    return await Promise.race([work.then(() => true), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Takes the key, or answers what was kept under it. */
async function claim(tx: Tx, request: NonNullable<IdempotencyRequest>): Promise<Answer | undefined> {
  const { actorId, key, requestHash } = request;
  try {
    // Locks the row exclusively whether it is new or not. A bare INSERT that meets a duplicate takes a shared
    // lock, and twins that all hold one deadlock as soon as they write.
    await tx.write(
      `INSERT INTO idempotency (actor_id, idempotency_key, request_hash, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))
       ON DUPLICATE KEY UPDATE actor_id = actor_id`,
      [actorId, key, requestHash],
    );
  } catch (error) {
    // A lock wait here is the twin at work, not a reason to run the closure again.
    throw errnoOf(error) === 1205 ? idempotencyInProgress({ retryAfterSeconds: 1 }) : error;
  }
  const row = await find(tx, request);
  if (row !== undefined && row.expired === 0) return replayed(row, request);
  // A key lives for 24 h by its own age, not by the sweeper: an older row is gone to every reader.
  if (row?.expired === 1) {
    await tx.write('UPDATE idempotency SET request_hash = ?, status = NULL, created_at = UTC_TIMESTAMP(3) WHERE actor_id = ? AND idempotency_key = ?', [requestHash, actorId, key]);
  }
  return undefined;
}

/** What was kept under the key, without taking it. @throws idempotencyKeyReused */
async function keptAnswer(reader: Reader, request: NonNullable<IdempotencyRequest>): Promise<Answer | undefined> {
  const row = await find(reader, request);
  return row === undefined || row.expired === 1 ? undefined : replayed(row, request);
}

interface KeptRow {
  requestHash: Buffer;
  status: number;
  headers: string;
  body: string;
  expired: 0 | 1;
}

const KEPT_COLUMNS = 'request_hash AS requestHash, status, headers, body, created_at < UTC_TIMESTAMP(3) - INTERVAL 24 HOUR AS expired';

/** A row without a status is never committed: it is the reader's own. */
async function find(reader: Reader, { actorId, key }: NonNullable<IdempotencyRequest>): Promise<KeptRow | undefined> {
  const [row] = await reader.rows<KeptRow>(
    `SELECT ${KEPT_COLUMNS} FROM idempotency WHERE actor_id = ? AND idempotency_key = ? AND status IS NOT NULL`,
    [actorId, key],
  );
  return row;
}

function replayed(kept: KeptRow, { requestHash }: NonNullable<IdempotencyRequest>): Answer {
  if (!kept.requestHash.equals(requestHash)) throw idempotencyKeyReused();
  return replayOf(kept);
}

function replayOf(kept: KeptRow): Answer {
  return new Answer(kept.status, JSON.parse(kept.body), { ...(JSON.parse(kept.headers) as Record<string, string>), 'Idempotency-Replayed': 'true' });
}

/**
 * The same for an upload, whose bytes are told by name and hash and not by how they were packed: what came is
 * known only after it came.
 */
export function withContent(request: IdempotencyRequest, content: unknown): IdempotencyRequest {
  if (request === undefined) return undefined;
  return { ...request, requestHash: createHash('sha256').update(request.requestHash).update(JSON.stringify(content)).digest() };
}

interface KeyOptions {
  required: boolean;
  /** False where the body is told by {@link withContent}. */
  hashesBody: boolean;
}

const read = createParamDecorator(({ required, hashesBody }: KeyOptions, context: ExecutionContext): IdempotencyRequest => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const key = keyOf(request);
  if (key !== undefined) return { actorId: actorOf(context)!.memberId, key, requestHash: hashOf(request, hashesBody) };
  if (required) throw idempotencyKeyRequired();
  return undefined;
});

/** The Idempotency-Key of a request; undefined when there is none. @throws requestInvalid */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && KEY.test(key))) return key;
  throw requestInvalid({ errors: [{ path: 'Idempotency-Key', message: 'must be 1 to 100 visible ASCII characters' }] });
}

function hashOf({ method, url, body }: FastifyRequest, hashesBody: boolean): Buffer {
  return createHash('sha256').update(`${method}\n${url}\n${JSON.stringify((hashesBody ? body : undefined) ?? null)}`).digest();
}

/** A request whose actor is known only later, since it need not be a member. */
export type AnonymousIdempotencyRequest = Omit<NonNullable<IdempotencyRequest>, 'actorId'> | undefined;

const readAnonymous = createParamDecorator((_: unknown, context: ExecutionContext): AnonymousIdempotencyRequest => {
  const request = context.getArgByIndex<FastifyRequest>(0);
  const key = keyOf(request);
  return key === undefined ? undefined : { key, requestHash: hashOf(request, true) };
});

/** The request's Idempotency-Key, for {@link Idempotency.run}. */
export const IdempotencyKey = ({ required = false, hashesBody = true }: Partial<KeyOptions> = {}): ParameterDecorator => (target, method, index) => {
  read({ required, hashesBody })(target, method, index);
  documentKey(target, method, required);
};

/** The same on a route that is open to callers who are not signed in. */
export const AnonymousIdempotencyKey = (): ParameterDecorator => (target, method, index) => {
  readAnonymous()(target, method, index);
  documentKey(target, method, false);
};

function documentKey(target: object, method: string | symbol | undefined, required: boolean): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, method!)!;
  ApiHeader({
    name: 'Idempotency-Key',
    required,
    description: 'A random value per order: sending the same request again with it replays the first answer for 24 h.',
    schema: { type: 'string', maxLength: 100, example: '7f9d1c1e-1b0a-4c7e-9f37-6f1f2f9e5f10' },
  })(target, method!, descriptor);
}
