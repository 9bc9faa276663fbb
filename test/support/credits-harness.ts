import { Clock } from '../../src/platform/clock/clock.js';
import { loadConfig, type Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { newId } from '../../src/platform/database/columns.js';
import type { Tx } from '../../src/platform/database/transactions.js';
import { Audit } from '../../src/platform/audit/audit.js';
import { AuditRepository } from '../../src/platform/audit/audit.repository.js';
import { Cursors } from '../../src/platform/http/cursor.js';
import { Realtime } from '../../src/platform/realtime/realtime.js';
import { AccountRepository, type ReadAccount } from '../../src/features/credits/account.repository.js';
import { AccountTouch } from '../../src/features/credits/account-touch.service.js';
import { AccrualRepository } from '../../src/features/credits/accrual.repository.js';
import { AccrualSweep } from '../../src/features/credits/accrual-sweep.service.js';
import { CreditBalances } from '../../src/features/credits/credit-balances.service.js';
import { CreditEntries } from '../../src/features/credits/credit-entries.service.js';
import { CreditHistory } from '../../src/features/credits/credit-history.service.js';
import { CreditHolds } from '../../src/features/credits/credit-holds.service.js';
import { CreditMovements } from '../../src/features/credits/credit-movements.service.js';
import { CreditReturns } from '../../src/features/credits/credit-returns.service.js';
import { CreditTransfers } from '../../src/features/credits/credit-transfers.service.js';
import { CreditsEvents } from '../../src/features/credits/credits.events.js';
import { CreditsPolicy } from '../../src/features/credits/credits.policy.js';
import { CreditsService } from '../../src/features/credits/credits.service.js';
import type { AccountOwner } from '../../src/features/credits/index.js';
import type { CreditEntry } from '../../src/features/credits/entities/credit-entry.js';
import { HoldRepository } from '../../src/features/credits/hold.repository.js';
import { ReconciliationRepository } from '../../src/features/credits/reconciliation.repository.js';
import { Reconciliation } from '../../src/features/credits/reconciliation.service.js';
import { openTestDatabase, type TestDatabase } from './database.js';

/** A calendar clock that a test sets. Holds stay on the database's time. */
export class SettableClock extends Clock {
  private at: Date;

  constructor(config: Config, at: string) {
    super(config);
    this.at = new Date(at);
  }

  override now(): Date {
    return this.at;
  }

  set(at: string | Date): void {
    this.at = new Date(at);
  }
}

/** A Realtime without sockets that keeps what was sent. */
export class RecordingRealtime extends Realtime {
  readonly sent: { memberId: string; event: string; payload: object }[] = [];
  connected: string[] = [];

  override toMember(memberId: string, event: string, payload: object): void {
    this.sent.push({ memberId, event, payload });
  }

  override connectedMembers(): string[] {
    return this.connected;
  }

  /** Takes what was sent so far out of the record. */
  take(): { memberId: string; event: string; payload: object }[] {
    return this.sent.splice(0);
  }
}

export interface CreditsHarness {
  readonly db: TestDatabase;
  readonly clock: SettableClock;
  readonly realtime: RecordingRealtime;
  readonly credits: CreditsService;
  readonly entries: CreditEntries;
  readonly history: CreditHistory;
  readonly audit: Audit;
  readonly reconciliation: Reconciliation;
  readonly accounts: AccountRepository;
  readonly accruals: AccrualRepository;
  readonly policy: CreditsPolicy;
  /** Runs `work` in a transaction. */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A new owner with an account. */
  open(kind?: AccountOwner['kind']): Promise<AccountOwner>;
  /** Many new members at once, as `open` leaves them. */
  openMany(count: number): Promise<AccountOwner[]>;
  /** The owner's account as it is in the database, untouched. */
  account(owner: AccountOwner): Promise<ReadAccount>;
  /** Everything in an owner's book, oldest first. */
  book(owner: AccountOwner): Promise<CreditEntry[]>;
  /** Lets a hold's time run out. */
  expire(holdId: string): Promise<void>;
  /** The same database under other settings, or another clock. */
  with(environment: NodeJS.ProcessEnv, at?: string): CreditsHarness;
}

const SECRET = 'a secret of the tests, longer than 32 bytes';

/** The credits feature on a real database, wired by hand, with a clock and a socket server that a test controls. */
export async function openCredits(environment: NodeJS.ProcessEnv = {}, at = '2024-05-01T12:00:00Z'): Promise<CreditsHarness> {
  return wire(await openTestDatabase(), environment, at);
}

export function wire(db: TestDatabase, environment: NodeJS.ProcessEnv, at: string): CreditsHarness {
  const config = loadConfig({ NODE_ENV: 'test', APP_SECRET: SECRET, ...environment });
  const clock = new SettableClock(config, at);
  const realtime = new RecordingRealtime();
  const policy = new CreditsPolicy(config, clock);
  const events = new CreditsEvents(realtime, policy);
  const accounts = new AccountRepository(db.database);
  const accruals = new AccrualRepository(db.database);
  const holds = new HoldRepository(db.database);
  const touch = new AccountTouch(accounts, accruals, holds, policy, events);
  const balances = new CreditBalances(db.transactions, db.database, accounts, touch, policy);
  const cursors = new Cursors(new SecretKeys(config));
  const audit = new Audit(db.transactions, new AuditRepository(db.database), cursors);
  const movements = new CreditMovements(accounts, touch, policy, events, audit);
  const credits = new CreditsService(
    balances,
    movements,
    new CreditTransfers(accounts, touch, movements),
    new CreditHolds(db.transactions, accounts, holds, touch, policy, events),
    new CreditReturns(accounts, touch, movements, audit),
    new AccrualSweep(db.transactions, db.database, accounts, accruals, policy, events),
  );
  const run = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => db.transactions.run(work);
  const account = async (owner: AccountOwner): Promise<ReadAccount> => (await accounts.findByOwner(db.database, owner))!;
  return {
    db, clock, realtime, credits, accounts, accruals, policy, audit, run, account,
    entries: new CreditEntries(accounts, balances, cursors),
    history: new CreditHistory(db.database, accounts, balances, policy),
    reconciliation: new Reconciliation(db.transactions, new ReconciliationRepository()),
    open: async (kind = 'member') => {
      const owner = { kind, id: newId() };
      await run((tx) => credits.open(tx, owner));
      return owner;
    },
    openMany: async (count) => {
      const owners = Array.from({ length: count }, () => ({ kind: 'member' as const, id: newId() }));
      const { amount, lastAccrualDate } = policy.openingOf('member');
      const accountRows = owners.map(({ id }) => [newId(), 'member', id, 'credit', amount, 0, 1, 1, lastAccrualDate]);
      await run(async (tx) => {
        await tx.write('INSERT INTO credit_account (id, owner_kind, owner_id, unit, posted, held, seq, version, last_accrual_date) VALUES ?', [accountRows]);
        await tx.write(
          `INSERT INTO credit_entry (account_id, seq, kind, amount, balance_after, counter, effective_at, created_at)
           SELECT id, 1, 'signup', posted, posted, 'issue', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) FROM credit_account WHERE id IN (?)`,
          [accountRows.map(([id]) => id)],
        );
      });
      return owners;
    },
    book: async (owner) => {
      const { id } = await account(owner);
      return (await accounts.listEntries(id, { limit: 100_000 })).reverse();
    },
    expire: (holdId) =>
      run(async (tx) => {
        await tx.write('UPDATE credit_hold SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ?', [holdId]);
      }),
    with: (other, otherAt = at) => wire(db, { ...environment, ...other }, otherAt),
  };
}
