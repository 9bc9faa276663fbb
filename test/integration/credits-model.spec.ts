import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AccountOwner } from '../../src/features/credits/index.js';
import { addDays } from '../../src/platform/clock/calendar.js';
import { Answer } from '../../src/platform/http/answer.js';
import { Idempotency } from '../../src/platform/http/idempotency.js';
import type { Tx } from '../../src/platform/database/transactions.js';
import { newId } from '../../src/platform/database/columns.js';
import { DomainError } from '../../src/platform/errors/domain-error.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';
import { CreditsModel, type Outcome } from '../support/credits-model.js';

const MEMBERS = 3;
const TOKENS = 1;
const MEMBER = fc.nat(MEMBERS - 1);
const ANYONE = fc.nat(MEMBERS + TOKENS - 1);
const AMOUNT = fc.integer({ min: 1, max: 8 });
const HOLD = fc.nat(20);

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('hold' as const), who: ANYONE, amount: AMOUNT }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold again' as const), hold: HOLD }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('capture' as const), hold: HOLD, part: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), hold: HOLD }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), hold: HOLD }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('spend' as const), who: ANYONE, amount: AMOUNT }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('purchase' as const), who: ANYONE, amount: AMOUNT }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('adjust' as const), who: ANYONE, amount: AMOUNT, down: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('transfer' as const), who: MEMBER, to: MEMBER, amount: AMOUNT }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('refund' as const), who: ANYONE, spend: fc.nat(20), amount: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reverse' as const), who: ANYONE, entry: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('days pass' as const), days: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read' as const), who: ANYONE }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

let h: CreditsHarness;

beforeAll(async () => {
  h = await openCredits();
});
afterAll(() => h.db.close());

/** The feature and the model side by side. */
class World {
  private readonly holdIds: string[] = [];
  private readonly requests: { who: number; amount: number; refId: string }[] = [];
  private date = '2024-05-01';
  private readonly idempotency = new Idempotency(h.db.transactions, h.db.database);

  private constructor(
    private readonly real: CreditsHarness,
    private readonly owners: readonly AccountOwner[],
    private readonly model: CreditsModel,
  ) {}

  static async create(perDay: number, cap: number | null): Promise<World> {
    await h.db.truncate();
    const real = h.with({ CREDITS_PER_DAY: String(perDay), ...(cap === null ? {} : { CREDITS_CAP: String(cap) }) }, '2024-05-01T12:00:00Z');
    const owners: AccountOwner[] = [];
    for (let i = 0; i < MEMBERS + TOKENS; i += 1) owners.push(await real.open(i < MEMBERS ? 'member' : 'api_token'));
    return new World(real, owners, new CreditsModel(MEMBERS, TOKENS, perDay, cap));
  }

  async step(op: Operation): Promise<void> {
    const { real, model } = this;
    const { credits } = real;
    if ('hold' in op && this.holdIds.length === 0) return;
    const index = 'hold' in op ? op.hold % this.holdIds.length : 0;
    const holdId = this.holdIds[index]!;
    switch (op.do) {
      case 'hold': {
        const request = { who: op.who, amount: op.amount, refId: newId() };
        const outcome = model.hold(op.who, op.amount);
        const id = await this.expectOutcome(outcome, (tx) => this.hold(tx, request));
        if (outcome !== 'ok') return;
        this.holdIds.push(id as string);
        this.requests.push(request);
        return;
      }
      case 'hold again':
        await this.expectOutcome(model.holdAgain(index), async (tx) => expect(await this.hold(tx, this.requests[index]!)).toBe(holdId));
        return;
      case 'capture': {
        const amount = op.part === undefined ? undefined : Math.min(op.part, this.requests[index]!.amount);
        await this.expectOutcome(model.capture(index, amount), (tx) => credits.capture(tx, holdId, { amount }));
        return;
      }
      case 'release':
        await this.expectOutcome(model.release(index), (tx) => credits.release(tx, holdId));
        return;
      case 'expire':
        model.expire(index);
        return real.expire(holdId);
      case 'spend':
        await this.expectOutcome(model.spend(op.who, op.amount), (tx) => credits.spend(tx, this.owners[op.who]!, movement(op.amount)));
        return;
      case 'purchase':
        await this.expectOutcome(model.purchase(op.who, op.amount), (tx) => credits.purchase(tx, this.owners[op.who]!, movement(op.amount)));
        return;
      case 'adjust': {
        const amount = op.down ? -op.amount : op.amount;
        const request = { amount, reason: 'by the model', actorId: newId() };
        await this.expectOutcome(model.adjust(op.who, amount), (tx) => credits.adjust(tx, this.owners[op.who]!.id, request));
        return;
      }
      case 'transfer':
        await this.expectOutcome(model.transfer(op.who, op.to, op.amount), (tx) =>
          credits.transfer(tx, this.owners[op.who]!.id, this.owners[op.to]!.id, op.amount),
        );
        return;
      case 'refund': {
        const spends = model.accounts[op.who]!.entries.flatMap(({ kind }, at) => (kind === 'spend' || kind === 'capture' ? [at + 1] : []));
        // Of one of the spends, or of what is none.
        const spendSeq = [...spends, 1][op.spend % (spends.length + 1)]!;
        const request = { spendSeq, amount: op.amount };
        await this.expectOutcome(model.refund(op.who, spendSeq, op.amount), (tx) => credits.refund(tx, this.owners[op.who]!, request));
        return;
      }
      case 'reverse': {
        const seq = (op.entry % (model.accounts[op.who]!.entries.length + 1)) + 1;
        const request = { reason: 'by the model', actorId: newId() };
        await this.expectOutcome(model.reverse(op.who, seq), (tx) => credits.reverse(tx, this.owners[op.who]!.id, seq, request));
        return;
      }
      case 'days pass':
        model.today += op.days;
        this.date = addDays(this.date, op.days);
        return real.clock.set(`${this.date}T12:00:00Z`);
      case 'sweep':
        model.sweep();
        await credits.accrue();
        return;
      case 'read': {
        const { posted, held, version } = model.touch(op.who);
        expect(await credits.balance(this.owners[op.who]!)).toMatchObject({ posted, held, available: posted - held, version });
      }
    }
  }

  /** Every account is what the model says, and the books are right. */
  async check(): Promise<void> {
    for (const [index, { posted, held, version, entries }] of this.model.accounts.entries()) {
      expect(await this.real.account(this.owners[index]!)).toMatchObject({ posted, held, version, seq: entries.length });
      const book = await this.real.book(this.owners[index]!);
      const lines = book.map(({ seq, kind, amount, balanceAfter, reversesSeq, refId }) => ({
        seq, kind, amount, balanceAfter, about: kind === 'refund' ? Number(refId) : (reversesSeq ?? undefined),
      }));
      expect(lines).toEqual(entries.map(({ kind, amount, balanceAfter, about }, at) => ({ seq: at + 1, kind, amount, balanceAfter, about })));
    }
    expect((await this.real.reconciliation.check()).violations).toEqual([]);
  }

  private async hold(tx: Tx, { who, amount, refId }: { who: number; amount: number; refId: string }): Promise<string> {
    return (await this.real.credits.hold(tx, this.owners[who]!, { amount, holdSeconds: 3600, refType: 'model', refId })).id;
  }

  /** Does the work under an Idempotency-Key, twice: the second time changes nothing, and is answered the same. Answers what it answered. */
  private async expectOutcome(expected: Outcome, work: (tx: Tx) => Promise<unknown>): Promise<unknown> {
    const request = { actorId: newId(), key: newId(), requestHash: Buffer.alloc(32, 1) };
    const attempt = () =>
      this.idempotency.run(request, work, (result) => new Answer(200, result ?? null)).catch((error: unknown) => {
        if (error instanceof DomainError) return error;
        throw error;
      });
    const [first, again] = [await attempt(), await attempt()];
    expect(first instanceof Answer ? 'ok' : first.code).toBe(expected);
    if (first instanceof Answer) expect(again).toMatchObject({ headers: { 'Idempotency-Replayed': 'true' }, body: JSON.parse(JSON.stringify(first.body)) });
    else expect(again).toMatchObject({ code: expected });
    return first instanceof Answer ? first.body : undefined;
  }
}

function movement(amount: number) {
  return { amount, refType: 'model', refId: newId() };
}

it('random operations leave what a small model of the rules leaves, with right books after every step', async () => {
  const settings = fc.constantFrom([1, null], [1, 7], [3, 10], [0, null]) as fc.Arbitrary<[number, number | null]>;
  await fc.assert(
    fc.asyncProperty(settings, fc.array(operation, { minLength: 30, maxLength: 50, size: 'max' }), async ([perDay, cap], operations) => {
      const world = await World.create(perDay, cap);
      for (const op of operations) {
        await world.step(op);
        await world.check();
      }
    }),
    { numRuns: 15 },
  );
}, 180_000);
