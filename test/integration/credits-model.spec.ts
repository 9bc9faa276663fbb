import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AccountOwner } from '../../src/features/credits/index.js';
import { addDays } from '../../src/platform/clock/calendar.js';
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
  { weight: 2, arbitrary: fc.record({ do: fc.constant('spend' as const), who: ANYONE, amount: AMOUNT }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('purchase' as const), who: ANYONE, amount: AMOUNT }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('adjust' as const), who: ANYONE, amount: AMOUNT, down: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('transfer' as const), who: MEMBER, to: MEMBER, amount: AMOUNT }) },
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
    if ('hold' in op && this.holdIds.length === 0) return;
    const index = 'hold' in op ? op.hold % this.holdIds.length : 0;
    const holdId = this.holdIds[index]!;
    switch (op.do) {
      case 'hold': {
        const request = { who: op.who, amount: op.amount, refId: newId() };
        const outcome = model.hold(op.who, op.amount);
        await this.expectOutcome(outcome, async () => {
          this.holdIds.push(await this.hold(request));
          this.requests.push(request);
        });
        return;
      }
      case 'hold again':
        return this.expectOutcome(model.holdAgain(index), async () => expect(await this.hold(this.requests[index]!)).toBe(holdId));
      case 'capture': {
        const amount = op.part === undefined ? undefined : Math.min(op.part, this.requests[index]!.amount);
        return this.expectOutcome(model.capture(index, amount), () => real.run((tx) => real.credits.capture(tx, holdId, { amount })));
      }
      case 'release':
        return this.expectOutcome(model.release(index), () => real.run((tx) => real.credits.release(tx, holdId)));
      case 'expire':
        model.expire(index);
        return real.expire(holdId);
      case 'spend':
        return this.expectOutcome(model.spend(op.who, op.amount), () => real.run((tx) => real.credits.spend(tx, this.owners[op.who]!, movement(op.amount))));
      case 'purchase':
        return this.expectOutcome(model.purchase(op.who, op.amount), () => real.run((tx) => real.credits.purchase(tx, this.owners[op.who]!, movement(op.amount))));
      case 'adjust': {
        const amount = op.down ? -op.amount : op.amount;
        const request = { amount, reason: 'by the model', actorId: newId() };
        return this.expectOutcome(model.adjust(op.who, amount), () => real.run((tx) => real.credits.adjust(tx, this.owners[op.who]!.id, request)));
      }
      case 'transfer':
        return this.expectOutcome(model.transfer(op.who, op.to, op.amount), () =>
          real.run((tx) => real.credits.transfer(tx, this.owners[op.who]!.id, this.owners[op.to]!.id, op.amount)),
        );
      case 'days pass':
        model.today += op.days;
        this.date = addDays(this.date, op.days);
        return real.clock.set(`${this.date}T12:00:00Z`);
      case 'sweep':
        model.sweep();
        await real.credits.accrue();
        return;
      case 'read': {
        const { posted, held, version } = model.touch(op.who);
        expect(await real.credits.balance(this.owners[op.who]!)).toMatchObject({ posted, held, available: posted - held, version });
      }
    }
  }

  /** Every account is what the model says, and the books are right. */
  async check(): Promise<void> {
    for (const [index, { posted, held, version, entries }] of this.model.accounts.entries()) {
      expect(await this.real.account(this.owners[index]!)).toMatchObject({ posted, held, version, seq: entries.length });
      const book = await this.real.book(this.owners[index]!);
      expect(book.map(({ seq, kind, amount, balanceAfter }) => ({ seq, kind, amount, balanceAfter }))).toEqual(entries.map((entry, at) => ({ seq: at + 1, ...entry })));
    }
    expect((await this.real.reconciliation.check()).violations).toEqual([]);
  }

  private hold({ who, amount, refId }: { who: number; amount: number; refId: string }): Promise<string> {
    return this.real.run(async (tx) => (await this.real.credits.hold(tx, this.owners[who]!, { amount, holdSeconds: 3600, refType: 'model', refId })).id);
  }

  private async expectOutcome(expected: Outcome, work: () => Promise<unknown>): Promise<void> {
    const outcome = await work().then(
      () => 'ok',
      (error: unknown) => {
        if (error instanceof DomainError) return error.code;
        throw error;
      },
    );
    expect(outcome).toBe(expected);
  }
}

function movement(amount: number) {
  return { amount, refType: 'model', refId: newId() };
}

it('random operations leave what a small model of the rules leaves, with right books after every step', async () => {
  const settings = fc.constantFrom([1, null], [1, 7], [3, 10], [0, null]) as fc.Arbitrary<[number, number | null]>;
  await fc.assert(
    fc.asyncProperty(settings, fc.array(operation, { minLength: 10, maxLength: 40 }), async ([perDay, cap], operations) => {
      const world = await World.create(perDay, cap);
      for (const op of operations) {
        await world.step(op);
        await world.check();
      }
    }),
    { numRuns: 20 },
  );
}, 180_000);
