import { CallLeases } from '../../src/features/memes/metering/call-leases.service.js';
import { CallMeter } from '../../src/features/memes/metering/call-meter.service.js';
import { MemeUsageRepository } from '../../src/features/memes/metering/meme-usage.repository.js';
import type { Caller } from '../../src/features/memes/metering/metering.types.js';
import { SessionCalls } from '../../src/features/memes/metering/session-calls.service.js';
import type { Actor } from '../../src/platform/auth/actor.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions, type Tx } from '../../src/platform/database/transactions.js';
import { Answer } from '../../src/platform/http/answer.js';
import { openCredits, type CreditsHarness } from './credits-harness.js';

/** Transactions that can fail as a database does that is away, or whose answer to a commit gets lost. */
export class FailingTransactions extends Transactions {
  fails: 'before' | 'after' | undefined;
  runs = 0;
  /** Keeps what the database has answered from whoever asked, until it resolves. */
  delay: Promise<void> | undefined;
  /** How many answers the database has given. */
  answers = 0;

  override async run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.runs += 1;
    if (this.fails === 'before') throw lost();
    try {
      const result = await super.run(work);
      if (this.fails === 'after') throw lost();
      return result;
    } finally {
      this.answers += 1;
      await this.delay;
    }
  }
}

const lost = (): Error => Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });

/** What a caller was told. */
export interface Told extends Caller {
  readonly charged?: number;
  readonly remaining?: number;
}

/** A process of its own, as far as metering goes. */
export interface MeteringProcess {
  readonly meter: CallMeter;
  readonly transactions: FailingTransactions;
}

export interface GivenToken {
  readonly id: string;
  readonly memberId: string;
}

export type MeteringHarness = CreditsHarness & Awaited<ReturnType<typeof openMetering>>;

/** Metering on a real database, with as many processes as a test wants. */
export async function openMetering() {
  const credits = await openCredits({ CALLS_AT_TOKEN: '0' });
  const { db } = credits;
  const usage = new MemeUsageRepository();

  const holdsOf = (tokenId: string) =>
    db.database.rows<{ amount: number; captured: number; status: string }>(
      `SELECT h.amount, h.captured, h.status FROM credit_hold h JOIN credit_account a ON a.id = h.account_id
        WHERE a.owner_id = ? ORDER BY h.expires_at, h.id`, [tokenId]);

  return {
    ...credits,
    usage,
    process(): MeteringProcess {
      const transactions = new FailingTransactions(db.dataSource, db.pools);
      const meter = new CallMeter(new CallLeases(transactions, credits.credits, usage), new SessionCalls(transactions, usage), credits.clock);
      return { meter, transactions };
    },
    async token(calls: number): Promise<GivenToken> {
      const [id, memberId] = [newId(), newId()];
      await credits.run(async (tx) => {
        await tx.write(
          `INSERT INTO member (id, email, display_name, role, permission_version, created_at) VALUES (?, ?, 'Mia', 'member', 1, UTC_TIMESTAMP(3))`,
          [memberId, `${memberId}@example.org`],
        );
        await credits.credits.open(tx, { kind: 'api_token', id });
        if (calls > 0) await credits.credits.purchase(tx, { kind: 'api_token', id }, { amount: calls, refType: 'test', refId: newId() });
      });
      return { id, memberId };
    },
    buy: (token: GivenToken, calls: number) =>
      credits.run((tx) => credits.credits.purchase(tx, { kind: 'api_token', id: token.id }, { amount: calls, refType: 'test', refId: newId() })),
    balance: (token: GivenToken) => credits.credits.balance({ kind: 'api_token', id: token.id }),
    holdsOf,
    openHoldsOf: async (tokenId: string) => (await holdsOf(tokenId)).filter(({ status }) => status === 'open').map(({ amount }) => amount),
    usageOf: ({ memberId, id }: GivenToken) => usage.sum(db.database, { memberId, tokenId: id }, credits.clock.today()),
    /** Time runs out for all holds of the token. */
    lapse: (token: GivenToken) =>
      credits.run((tx) => tx.write(
        `UPDATE credit_hold h JOIN credit_account a ON a.id = h.account_id SET h.expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND
          WHERE a.owner_id = ? AND h.status = 'open'`, [token.id])),
  };
}

/** A caller who remembers what it was told. */
export function callerOf({ id, memberId }: { id?: string; memberId: string }, free = false): Told {
  const actor: Actor = { memberId, role: 'member', permissions: PermissionSet.none, permissionVersion: 1, ...(id === undefined ? { sessionId: 'desk' } : { apiTokenId: id }) };
  const told: { charged?: number; remaining?: number } = {};
  return Object.assign(told, {
    actor,
    free,
    revalidates: false,
    answered: false,
    tell(charged: number, remaining?: number) {
      Object.assign(told, { charged, remaining });
    },
  });
}

export const ok = (): Answer => new Answer(200, 'fine');
