import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { insufficientCredits } from '../../src/features/credits/index.js';
import { Answer } from '../../src/platform/http/answer.js';
import { notFound, serverBusy } from '../../src/platform/errors/house.errors.js';
import { newId } from '../../src/platform/database/columns.js';
import { eventually } from '../support/eventually.js';
import { callerOf, ok, openMetering, type GivenToken, type MeteringHarness, type MeteringProcess } from '../support/metering-harness.js';

let h: MeteringHarness;
let plaza: MeteringProcess;
let startedAt: number;
let open: MeteringProcess[] = [];

beforeAll(async () => {
  // Seconds pass when a test says so; the database keeps its own time.
  jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] });
  Logger.overrideLogger(false);
  h = await openMetering();
  await h.db.truncate();
});
beforeEach(() => {
  startedAt = performance.now();
  plaza = start();
});
afterEach(async () => {
  for (const process of open) await stop(process);
  open = [];
});
afterAll(async () => {
  jest.useRealTimers();
  await h.db.close();
});

function start(): MeteringProcess {
  const made = h.process();
  open.push(made);
  return made;
}

const call = async (token: GivenToken, work: () => Answer | Promise<Answer> = ok, on = plaza) => {
  const caller = callerOf(token);
  const answer = await on.meter.serve(caller, work);
  return { status: answer.status, charged: caller.charged, remaining: caller.remaining };
};
const stop = (process: MeteringProcess) => process.meter.onApplicationShutdown();
/** The timer's work within two seconds of any call of this test, however slow the machine is. */
const tick = (on = plaza) => on.meter.settleDue(startedAt);
/** The same when nobody has called for two seconds. */
const idleTick = (on = plaza) => on.meter.settleDue(performance.now() + 2_000);
const settled = async (token: GivenToken) => {
  const [{ posted, held }, { total, charged }] = [await h.balance(token), await h.usageOf(token)];
  return { posted, held, total, charged };
};

describe('a lease', () => {
  it.each([[1, 1], [3, 1], [4, 1], [7, 1], [8, 2], [100, 25], [255, 63], [256, 64], [100_000, 64]])('of a token with %i calls is of %i', async (calls, size) => {
    const token = await h.token(calls);
    expect(await call(token)).toEqual({ status: 200, charged: 1, remaining: calls - 1 });
    expect(await h.openHoldsOf(token.id)).toEqual([size]);
  });

  it('serves from memory: no transaction for the calls it has', async () => {
    const token = await h.token(400);
    for (let i = 1; i <= 32; i += 1) expect(await call(token)).toEqual({ status: 200, charged: 1, remaining: 400 - i });
    expect(plaza.transactions.runs).toBe(1);
    expect(await h.openHoldsOf(token.id)).toEqual([64]);
  });

  it('is served from at once, without a promise', async () => {
    const token = await h.token(400);
    await call(token);
    expect(plaza.meter.serve(callerOf(token), ok)).toBeInstanceOf(Answer);
    expect(plaza.meter.serve(callerOf({ memberId: token.memberId }), ok)).toBeInstanceOf(Answer);
  });

  it('is settled each second with what was used, and replaced', async () => {
    const token = await h.token(400);
    for (let i = 0; i < 5; i += 1) await call(token);
    await tick();
    expect(await settled(token)).toEqual({ posted: 395, held: 64, total: 5, charged: 5 });
    await tick();
    expect(await settled(token)).toEqual({ posted: 395, held: 64, total: 5, charged: 5 });
  });

  it('is given back after 2 s in which nobody called', async () => {
    const token = await h.token(400);
    const before = performance.now();
    await call(token);
    await tick();
    await plaza.meter.settleDue(before + 1_999);
    expect(await settled(token)).toEqual({ posted: 399, held: 64, total: 1, charged: 1 });
    await idleTick();
    expect(await settled(token)).toEqual({ posted: 399, held: 0, total: 1, charged: 1 });
    expect(await call(token)).toMatchObject({ remaining: 398 });
  });

  it('is settled when the process stops', async () => {
    const token = await h.token(10);
    for (let i = 0; i < 7; i += 1) await call(token);
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 3, held: 0, total: 7, charged: 7 });
  });

  it('is fetched ahead where there is plenty, so that nobody waits', async () => {
    const token = await h.token(1_000);
    for (let i = 1; i <= 34; i += 1) await call(token);
    await eventually(async () => expect((await h.openHoldsOf(token.id)).length).toBeGreaterThan(1));
    await tick();
    // How many depends on how fast it was.
    const [first, second, ...more] = (await h.holdsOf(token.id)).map(({ amount }) => amount);
    expect([first, second]).toEqual([64, 64]);
    expect(await settled(token)).toEqual({ posted: 966, held: 64 * (1 + more.length), total: 34, charged: 34 });
  });
});

describe('a call', () => {
  it.each([304, 404, 503])('that is answered with %i is free', async (status) => {
    const token = await h.token(10);
    expect(await call(token, () => new Answer(status, ''))).toEqual({ status, charged: 0, remaining: 10 });
    expect(await call(token, () => Promise.resolve(new Answer(status, '')))).toEqual({ status, charged: 0, remaining: 10 });
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 10, held: 0, total: 0, charged: 0 });
  });

  it('whose work fails is free, at once or later', async () => {
    const token = await h.token(10);
    const caller = callerOf(token);
    for (const work of [() => { throw notFound(); }, () => Promise.reject(notFound())]) {
      await expect((async () => plaza.meter.serve(caller, work))()).rejects.toMatchObject({ code: notFound.code });
      expect(caller).toMatchObject({ charged: 0, remaining: 10 });
    }
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 10, held: 0, total: 0, charged: 0 });
  });

  it('by HEAD is free, and known to be so without a lease', async () => {
    const token = await h.token(1);
    const caller = callerOf(token, true);
    expect(await plaza.meter.serve(caller, ok)).toMatchObject({ status: 200 });
    expect(caller.charged).toBe(0);
    expect(plaza.transactions.runs).toBe(0);
  });

  it('that was answered otherwise meanwhile is free', async () => {
    const token = await h.token(10);
    const late = Object.assign(callerOf(token), { answered: true });
    await expect((async () => plaza.meter.serve(late, ok))()).rejects.toMatchObject({ code: serverBusy.code });
    await plaza.meter.serve(late, () => Promise.resolve(ok()));
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 10, held: 0, total: 0, charged: 0 });
  });

  it('that takes long is charged in the end, though its lease was closed meanwhile', async () => {
    const token = await h.token(100);
    let answer!: (made: Answer) => void;
    await call(token);
    const slow = call(token, () => new Promise<Answer>((resolve) => (answer = resolve)));
    await tick();
    expect(await settled(token)).toMatchObject({ posted: 100, held: 25 });
    expect(await call(token)).toMatchObject({ charged: 1, remaining: 97 });
    answer(ok());
    await slow;
    await tick();
    expect(await settled(token)).toMatchObject({ posted: 97, total: 3, charged: 3 });
  });

  it('is refused when there is none left, and free again when more were bought', async () => {
    const token = await h.token(1);
    await call(token);
    const caller = callerOf(token);
    await expect((async () => plaza.meter.serve(caller, ok))()).rejects.toMatchObject({ code: insufficientCredits.code, details: { available: 0, required: 1 } });
    expect(caller).toMatchObject({ charged: 0, remaining: 0 });
    expect(await settled(token)).toEqual({ posted: 0, held: 0, total: 1, charged: 1 });
    await h.buy(token, 5);
    expect(await call(token)).toEqual({ status: 200, charged: 1, remaining: 4 });
  });

  it('of a session costs nothing and is counted', async () => {
    const token = await h.token(5);
    for (let i = 0; i < 3; i += 1) await plaza.meter.serve(callerOf({ memberId: token.memberId }), ok);
    await plaza.meter.serve(callerOf({ memberId: token.memberId }), () => Promise.resolve(ok()));
    await plaza.meter.serve(callerOf({ memberId: token.memberId }), () => new Answer(304, ''));
    await plaza.meter.serve(callerOf({ memberId: token.memberId }, true), ok);
    await tick();
    expect(await h.usage.sum(h.db.database, { memberId: token.memberId, tokenId: null }, h.clock.today())).toMatchObject({ today: 4, total: 4, charged: 0 });
    expect(await settled(token)).toEqual({ posted: 5, held: 0, total: 0, charged: 0 });
  });

  it('of many members is counted for each', async () => {
    const members = Array.from({ length: 501 }, () => newId());
    await h.run((tx) => tx.write('INSERT INTO member (id, email, display_name, role, permission_version, created_at) VALUES ?', [
      members.map((id) => [id, `${id}@example.org`, 'Mia', 'member', 1, new Date()]),
    ]));
    for (const memberId of members) await plaza.meter.serve(callerOf({ memberId }), ok);
    await tick();
    expect(await h.db.database.rows('SELECT COUNT(*) AS members FROM meme_usage WHERE member_id IN (?) AND calls = 1', [members])).toEqual([{ members: 501 }]);
  });

  it('is the last one when it was made last, whoever writes it down last', async () => {
    const token = await h.token(100);
    const other = start();
    await call(token);
    h.clock.set('2024-05-01T12:00:07Z');
    await call(token, ok, other);
    await stop(other);
    await stop(plaza);
    expect(await h.usageOf(token)).toMatchObject({ total: 2, lastCallAt: new Date('2024-05-01T12:00:07Z') });
    h.clock.set('2024-05-01T12:00:00Z');
  });

  it('counts for the day of the community on which it was made', async () => {
    const token = await h.token(100);
    const member = { memberId: token.memberId };
    h.clock.set('2024-05-31T23:59:59.999Z');
    await call(token);
    await plaza.meter.serve(callerOf(member), ok);
    h.clock.set('2024-06-01T00:00:00Z');
    for (let i = 0; i < 2; i += 1) await call(token);
    await plaza.meter.serve(callerOf(member), ok);
    await stop(plaza);
    expect(await h.usageOf(token)).toEqual({ today: 2, month: 2, total: 3, charged: 3, lastCallAt: new Date('2024-06-01T00:00:00Z') });
    expect(await h.usage.sum(h.db.database, { ...member, tokenId: null }, '2024-05-31')).toMatchObject({ today: 2, month: 2, total: 5 });
    expect(await h.usage.sum(h.db.database, { ...member, tokenId: null }, '2024-06-02')).toMatchObject({ today: 0, month: 3, total: 5 });
    h.clock.set('2024-05-01T12:00:00Z');
  });
});

describe('many calls at once', () => {
  const outcomes = (results: PromiseSettledResult<{ status: number }>[]) => ({
    served: results.filter((result) => result.status === 'fulfilled').length,
    refused: results.filter((result) => result.status === 'rejected' && insufficientCredits.matches(result.reason)).length,
  });

  it('are served exactly as far as the balance goes, over two processes', async () => {
    const token = await h.token(37);
    const other = start();
    const results = await Promise.allSettled(Array.from({ length: 200 }, (_, i) => call(token, i % 3 === 0 ? () => Promise.resolve(ok()) : ok, i % 2 === 0 ? plaza : other)));
    expect(outcomes(results)).toEqual({ served: 37, refused: 163 });
    await Promise.all([stop(plaza), stop(other)]);
    expect(await settled(token)).toEqual({ posted: 0, held: 0, total: 37, charged: 37 });
  });

  it('share one visit to the database when they are to be refused', async () => {
    const token = await h.token(0);
    const results = await Promise.allSettled(Array.from({ length: 200 }, () => call(token)));
    expect(outcomes(results)).toEqual({ served: 0, refused: 200 });
    expect(plaza.transactions.runs).toBeLessThanOrEqual(4);
  });

  it('are not refused by a look at the balance from before they came', async () => {
    const token = await h.token(0);
    let open!: () => void;
    plaza.transactions.delay = new Promise((resolve) => (open = resolve));
    const early = call(token);
    await eventually(() => expect(plaza.transactions.answers).toBe(1));
    await h.buy(token, 1);
    const late = call(token);
    plaza.transactions.delay = undefined;
    open();
    const [first, second] = await Promise.allSettled([early, late]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('when the database', () => {
  it('is away, what was used is settled later', async () => {
    const token = await h.token(400);
    for (let i = 0; i < 5; i += 1) await call(token);
    plaza.transactions.fails = 'before';
    await tick();
    await expect(call(token)).rejects.toThrow('Connection lost');
    expect(await settled(token)).toEqual({ posted: 400, held: 64, total: 0, charged: 0 });
    plaza.transactions.fails = undefined;
    expect(await call(token)).toMatchObject({ charged: 1, remaining: 394 });
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 394, held: 0, total: 6, charged: 6 });
  });

  it('commits and its answer gets lost, nothing is charged or counted twice', async () => {
    const token = await h.token(400);
    for (let i = 0; i < 5; i += 1) await call(token);
    plaza.transactions.fails = 'after';
    await tick();
    plaza.transactions.fails = undefined;
    expect(await settled(token)).toMatchObject({ posted: 395, total: 5, charged: 5 });
    await tick();
    expect(await settled(token)).toMatchObject({ posted: 395, total: 5, charged: 5 });
    await stop(plaza);
    // The lease that nobody knows of.
    await h.lapse(token);
    expect(await settled(token)).toEqual({ posted: 395, held: 0, total: 5, charged: 5 });
  });

  it('commits and its answer gets lost, another lease that ends meanwhile is charged, too', async () => {
    const token = await h.token(8);
    const slow = () => {
      let answer!: () => void;
      const answered = call(token, () => new Promise<Answer>((resolve) => (answer = () => resolve(ok()))));
      return async () => {
        await eventually(() => expect(answer).toBeDefined());
        answer();
        await answered;
      };
    };
    const [first, second, third] = [slow(), slow(), slow()];
    await eventually(async () => expect(await h.openHoldsOf(token.id)).toEqual([2, 1]));
    await first();
    await second();
    plaza.transactions.fails = 'after';
    await tick();
    plaza.transactions.fails = undefined;
    await third();
    await tick();
    await stop(plaza);
    // The lease that nobody knows of.
    await h.lapse(token);
    expect(await settled(token)).toEqual({ posted: 5, held: 0, total: 3, charged: 3 });
  });

  it('let a lease lapse, what was served from it is charged all the same', async () => {
    const token = await h.token(400);
    for (let i = 0; i < 5; i += 1) await call(token);
    await h.lapse(token);
    await tick();
    expect(await settled(token)).toEqual({ posted: 395, held: 64, total: 5, charged: 5 });
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 395, held: 0, total: 5, charged: 5 });
  });

  it('let a lease lapse and then lost the answer to its late charge, that is made once', async () => {
    const token = await h.token(400);
    for (let i = 0; i < 5; i += 1) await call(token);
    await h.lapse(token);
    plaza.transactions.fails = 'after';
    // One answer lost to the settling, one to the late charge.
    for (let i = 0; i < 3; i += 1) await tick();
    plaza.transactions.fails = undefined;
    expect(await call(token)).toMatchObject({ status: 200, charged: 1 });
    await stop(plaza);
    await h.lapse(token);
    expect(await settled(token)).toEqual({ posted: 394, held: 0, total: 6, charged: 6 });
  });

  it.each([[2, 2], [0, 0]])('let a lease lapse and the rest was spent elsewhere but for %i, no more is charged than that', async (left, charged) => {
    const token = await h.token(40);
    for (let i = 0; i < 5; i += 1) await call(token);
    await h.lapse(token);
    await h.run((tx) => h.credits.spend(tx, { kind: 'api_token', id: token.id }, { amount: 40 - left, refType: 'test', refId: 'elsewhere' }));
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 0, held: 0, total: 5, charged });
  });

  it('let a lease lapse and calls were bought while the late charge was refused, no more is charged than was served', async () => {
    const token = await h.token(400);
    for (let i = 0; i < 5; i += 1) await call(token);
    await h.lapse(token);
    jest.spyOn(h.credits, 'hold').mockRejectedValueOnce(insufficientCredits({ available: 300, required: 5, nextAccrualAt: null }));
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 395, held: 0, total: 5, charged: 5 });
  });

  it('has forgotten the token, its lease is dropped and nobody else is held up', async () => {
    const [gone, token] = [await h.token(100), await h.token(100)];
    await call(gone);
    await call(token);
    await h.run(async (tx) => {
      await tx.write('DELETE h FROM credit_hold h JOIN credit_account a ON a.id = h.account_id WHERE a.owner_id = ?', [gone.id]);
      await tx.write('DELETE e FROM credit_entry e JOIN credit_account a ON a.id = e.account_id WHERE a.owner_id = ?', [gone.id]);
      await tx.write('DELETE FROM credit_account WHERE owner_id = ?', [gone.id]);
      await tx.write('DELETE FROM member WHERE id = ?', [gone.memberId]);
    });
    await stop(plaza);
    expect(await settled(token)).toEqual({ posted: 99, held: 0, total: 1, charged: 1 });
  });

  it('is away for long, what sessions call takes no more memory than at once', async () => {
    const { memberId } = await h.token(0);
    plaza.transactions.fails = 'before';
    for (let i = 0; i < 5; i += 1) {
      await plaza.meter.serve(callerOf({ memberId }), ok);
      await tick();
    }
    plaza.transactions.fails = undefined;
    const written = jest.spyOn(h.usage, 'add');
    await stop(plaza);
    expect(written.mock.calls.map(([, rows]) => rows.map(({ calls }) => calls))).toEqual([[1], [4]]);
    written.mockRestore();
  });

  it('has forgotten a member, the calls of the others are counted', async () => {
    const [gone, token] = [await h.token(0), await h.token(0)];
    for (const { memberId } of [gone, token]) await plaza.meter.serve(callerOf({ memberId }), ok);
    await h.run((tx) => tx.write('DELETE FROM member WHERE id = ?', [gone.memberId]));
    await stop(plaza);
    expect(await h.usage.sum(h.db.database, { memberId: token.memberId, tokenId: null }, h.clock.today())).toMatchObject({ total: 1 });
  });
});

const WHO = fc.nat(1);
const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('calls' as const), who: WHO, times: fc.integer({ min: 1, max: 40 }), kind: fc.constantFrom('served', 'served later', 'not changed', 'failed') }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('a second passes' as const), who: WHO }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('three idle seconds pass' as const), who: WHO }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('the database' as const), who: WHO, fails: fc.constantFrom('before' as const, 'after' as const, undefined, undefined) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('killed' as const), who: WHO }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leases lapse' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bought' as const), calls: fc.integer({ min: 1, max: 60 }) }) },
);

it('whatever happens to two processes and their database, calls are charged once, and never beyond what was bought', async () => {
  const works: Record<string, () => Answer | Promise<Answer>> = {
    served: ok,
    'served later': () => Promise.resolve(ok()),
    'not changed': () => new Answer(304, ''),
    failed: () => Promise.reject(notFound()),
  };
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
      const token = await h.token(0);
      const processes = [start(), start()];
      let [bought, served, servedByKilled] = [0, 0, 0];
      const servedBy = [0, 0];
      for (const op of operations) {
        if (op.do === 'calls') {
          const results = await Promise.allSettled(Array.from({ length: op.times }, () => call(token, works[op.kind], processes[op.who])));
          const charged = results.filter((result) => result.status === 'fulfilled' && result.value.charged === 1).length;
          expect(results.filter((result) => result.status === 'fulfilled' && result.value.status === 200)).toHaveLength(charged);
          servedBy[op.who]! += charged;
        } else if (op.do === 'a second passes') await tick(processes[op.who]);
        else if (op.do === 'three idle seconds pass') await idleTick(processes[op.who]);
        else if (op.do === 'the database') processes[op.who]!.transactions.fails = op.fails;
        else if (op.do === 'leases lapse') await h.lapse(token);
        else if (op.do === 'bought') {
          await h.buy(token, op.calls);
          bought += op.calls;
        } else {
          servedByKilled += servedBy[op.who]!;
          servedBy[op.who] = 0;
          processes[op.who] = start();
        }
        served = servedBy[0]! + servedBy[1]! + servedByKilled;
        const now = await settled(token);
        expect(bought - now.posted).toBeLessThanOrEqual(Math.min(served, bought));
        expect(now.charged).toBe(bought - now.posted);
      }
      for (const process of processes) {
        process.transactions.fails = undefined;
        await stop(process);
      }
      const end = await settled(token);
      expect(end.charged).toBe(bought - end.posted);
      expect(end.charged).toBeLessThanOrEqual(served);
      expect(end.total).toBeLessThanOrEqual(served);
      // Only what lapsed and found the account empty is not charged; what the killed had not settled is nobody's.
      if (!operations.some((op) => op.do === 'leases lapse')) expect(end.charged).toBeGreaterThanOrEqual(servedBy[0]! + servedBy[1]!);
      if (!operations.some((op) => op.do === 'leases lapse' || op.do === 'killed')) expect([end.charged, end.total]).toEqual([served, served]);
      await h.lapse(token);
      expect((await h.balance(token)).held).toBe(0);
    }),
    { numRuns: 25 },
  );
  expect((await h.reconciliation.check()).violations).toEqual([]);
}, 60_000);
