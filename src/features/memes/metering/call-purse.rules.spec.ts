import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CallLease, CallPurse, leaseSizesOf } from './call-purse.rules.js';

const DAY = '2024-05-01';
const lease = (size: number, sureUntil = 25_000, day = DAY) => new CallLease('hold', size, day, sureUntil);
function purseWith(...leases: CallLease[]): CallPurse {
  const purse = new CallPurse('token', 'member');
  purse.add(leases, 1_000, 0);
  return purse;
}

describe('the size of a lease', () => {
  it.each([[0, 1], [1, 1], [7, 1], [8, 2], [11, 2], [12, 3], [255, 63], [256, 64], [257, 64], [Number.MAX_SAFE_INTEGER, 64]])('is, of %i available, %i', (available, size) => {
    expect(leaseSizesOf(available, 0)).toEqual([size]);
  });

  it.each([
    ['one, where less than two are expected to be used', 100_000, 127, 1],
    ['as many as are expected to be used', 100_000, 255, 3],
    ['sixteen at most', 100_000, 5_000, 16],
    ['no more than a share of what is available', 1_100, 5_000, 4],
    ['one, where there is no share for two', 511, 5_000, 1],
  ])('is full for each of several: %s', (_, available, wanted, leases) => {
    expect(leaseSizesOf(available, wanted)).toEqual(Array.from({ length: leases }, () => 64));
  });

  it('is never more than the share in all, and always something', () => {
    fc.assert(fc.property(fc.nat(100_000), fc.nat(5_000), (available, wanted) => {
      const sizes = leaseSizesOf(available, wanted);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(64);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(Math.max(1, available / 4));
    }));
  });
});

describe('a purse', () => {
  it('gives each call once, and again what was not used', () => {
    const one = lease(2);
    const purse = purseWith(one);
    expect([purse.take(0, DAY), purse.take(0, DAY), purse.take(0, DAY)]).toEqual([one, one, undefined]);
    purse.end(one, undefined);
    expect(purse.take(0, DAY)).toBe(one);
    purse.end(one, 5);
    expect(purse.take(0, DAY)).toBeUndefined();
    expect([one.used, one.inUse, one.lastCallAt]).toEqual([1, 1, 5]);
  });

  it('serves from the next lease when one is used up', () => {
    const [first, second] = [lease(1), lease(1)];
    const purse = purseWith(first, second);
    expect([purse.take(0, DAY), purse.take(0, DAY), purse.take(0, DAY)]).toEqual([first, second, undefined]);
  });

  it.each([
    ['on its last sure millisecond', 24_999, DAY, true],
    ['when it may have lapsed', 25_000, DAY, false],
    ['on another day', 0, '2024-05-02', false],
  ])('serves from a lease %s: %#', (_, now, day, served) => {
    const purse = purseWith(lease(2));
    expect(purse.take(now, day) !== undefined).toBe(served);
    expect(purse.hasEnded).toBe(!served);
  });

  it('ends a lease only when nothing of it is in use', () => {
    const one = lease(1);
    const purse = purseWith(one);
    purse.take(0, DAY);
    expect(purse.ended()).toEqual([]);
    purse.end(one, 1);
    expect(purse.ended()).toEqual([one]);
    expect([one.closed, purse.isEmpty]).toEqual([true, false]);
    purse.forget(one, 0);
    purse.forget(one, 7);
    expect([purse.isEmpty, purse.remaining]).toEqual([true, 1_000]);
  });

  it('takes no call from a lease that was closed while one was in use', () => {
    const one = lease(5);
    const purse = purseWith(one);
    purse.take(0, DAY);
    purse.closeAll();
    purse.end(one, undefined);
    expect(purse.take(0, DAY)).toBeUndefined();
    expect(purse.ended()).toEqual([one]);
  });

  it('counts what can still be spent, wherever it is', () => {
    const [one, two] = [lease(5), lease(3)];
    const purse = purseWith(one, two);
    expect(purse).toMatchObject({ left: 8, unserved: 8, remaining: 1_008 });
    purse.take(0, DAY);
    expect(purse).toMatchObject({ left: 7, unserved: 8, remaining: 1_007 });
    purse.end(one, 1);
    one.closed = true;
    expect(purse).toMatchObject({ left: 3, unserved: 7, remaining: 1_007 });
    purse.forget(one, 4);
    expect(purse).toMatchObject({ left: 3, unserved: 3, remaining: 1_007 });
    purse.exhaust();
    expect(purse.remaining).toBe(3);
  });

  it('closes each second what was used, and keeps what was not', () => {
    const [used, unused] = [lease(2), lease(2)];
    const purse = purseWith(used, unused);
    purse.take(500, DAY);
    purse.end(used, 1);
    purse.closeDue(1_000);
    expect([used.closed, unused.closed, purse.isWanted(1_000)]).toEqual([true, false, true]);
  });

  it.each([[2_499, false], [2_500, true]])('is idle 2 s after the last call: at %i ms after one at 500, %s', (now, idle) => {
    const one = lease(2);
    const purse = purseWith(one);
    purse.take(500, DAY);
    purse.end(one, undefined);
    purse.closeDue(now);
    expect([one.closed, purse.isWanted(now)]).toEqual([idle, !idle]);
  });

  it('closes in time what nobody can be served from any more', () => {
    const one = lease(2, 1_500);
    const purse = purseWith(one);
    purse.take(0, DAY);
    purse.end(one, undefined);
    purse.closeDue(1_499);
    expect(one.closed).toBe(false);
    purse.closeDue(1_500);
    expect(one.closed).toBe(true);
  });

  it.each([
    ['half of what was fetched is left', 64, 256, false],
    ['less than half of it is left', 65, 256, true],
    ['there is too little besides for a full lease', 65, 255, false],
  ])('fetches ahead or not when %s', (_, taken, elsewhere, low) => {
    const purse = new CallPurse('token', 'member');
    purse.add([lease(64), lease(64)], elsewhere, 0);
    for (let i = 0; i < taken; i += 1) purse.take(0, DAY);
    expect(purse.isRunningLow()).toBe(low);
  });

  it('expects calls to go on as they did since the last leases were fetched', () => {
    const purse = new CallPurse('token', 'member');
    expect(purse.expectedAt(1_000)).toBe(0);
    purse.add([lease(64)], 0, 1_000);
    for (let i = 0; i < 50; i += 1) purse.take(1_000, DAY);
    expect(purse.expectedAt(1_010)).toBe(500);
    expect(purse.expectedAt(1_000)).toBe(5_000);
    purse.add([lease(64)], 0, 2_000);
    expect(purse.expectedAt(2_010)).toBe(0);
  });
});

/** A token's account as the database keeps it: holds that lapse by its own clock, each resolved at most once. */
class Account {
  posted = 0;
  private readonly holds: { amount: number; captured: number; status: 'open' | 'captured' | 'released'; expiresAt: number }[] = [];

  /** @param now of the database */
  available(now: number): number {
    return this.posted - this.holds.reduce((held, { amount, status, expiresAt }) => (status === 'open' && expiresAt > now ? held + amount : held), 0);
  }

  /** @returns the hold, or undefined where there is not as much */
  hold(amount: number, now: number): number | undefined {
    if (this.available(now) < amount) return undefined;
    return this.holds.push({ amount, captured: 0, status: 'open', expiresAt: now + 30_000 }) - 1;
  }

  /** @returns false when the hold is gone */
  capture(id: number, amount: number, now: number): boolean {
    const hold = this.holds[id]!;
    if (hold.status !== 'open' || hold.expiresAt <= now) return false;
    Object.assign(hold, { status: 'captured', captured: amount });
    this.posted -= amount;
    return true;
  }

  release(id: number): void {
    this.holds[id]!.status = 'released';
  }
}

/** A process with its purse. Its visits to the database are those of CallLeases, without the waiting. */
class Process {
  purse = new CallPurse('token', 'member');
  served = 0;
  readonly working: CallLease[] = [];

  constructor(
    private readonly account: Account,
    private readonly world: World,
  ) {}

  take(): CallLease | undefined {
    const lease = this.purse.take(this.world.now, DAY);
    if (lease) return lease;
    this.visit(true);
    return this.purse.take(this.world.now, DAY);
  }

  visit(wanted: boolean): void {
    const { account, purse, world } = this;
    const late: CallLease[] = [];
    for (const lease of purse.ended()) {
      if (lease.used === 0) account.release(Number(lease.holdId));
      else if (!account.capture(Number(lease.holdId), lease.used, world.now)) late.push(lease);
      purse.forget(lease, lease.size - lease.used);
    }
    for (const { used } of late) {
      const charged = Math.min(used, Math.max(0, account.available(world.now)));
      account.posted -= charged;
      world.unpaid += used - charged;
    }
    if (!wanted) return;
    const available = account.available(world.now);
    const leases = leaseSizesOf(available, purse.expectedAt(world.now)).flatMap((size) => {
      const hold = account.hold(size, world.now);
      return hold === undefined ? [] : [new CallLease(String(hold), size, DAY, world.now + 25_000)];
    });
    if (leases.length > 0) return purse.add(leases, account.available(world.now), world.now);
    purse.exhaust();
    // Nobody is refused while there is anything in the account.
    expect(available).toBe(0);
  }

  end(lease: CallLease, served: boolean): void {
    if (served) this.served += 1;
    this.purse.end(lease, served ? this.world.now : undefined);
  }

  tick(): void {
    this.purse.closeDue(this.world.now);
    if (this.purse.hasEnded) this.visit(this.purse.left === 0 && this.purse.isWanted(this.world.now));
  }

  stop(): void {
    for (const lease of this.working.splice(0)) this.end(lease, true);
    this.purse.closeAll();
    this.visit(false);
  }
}

class World {
  now = 0;
  bought = 0;
  /** Served, and not charged for lack of balance when their lease had lapsed. */
  unpaid = 0;
  /** Served by processes that were killed. */
  servedByDead = 0;
  readonly account = new Account();
  readonly processes = Array.from({ length: 3 }, () => new Process(this.account, this));

  get charged(): number {
    return this.bought - this.account.posted;
  }

  get served(): number {
    return this.processes.reduce((sum, { served }) => sum + served, this.servedByDead);
  }
}

const WHO = fc.nat(2);
const operation = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('call' as const), who: WHO, times: fc.integer({ min: 1, max: 90 }), served: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin' as const), who: WHO }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), who: WHO, served: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('tick' as const), who: WHO }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), who: WHO }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('time passes' as const), ms: fc.constantFrom(100, 400, 1_000, 2_000, 26_000, 31_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('buy' as const), calls: fc.integer({ min: 1, max: 3_000 }) }) },
);

type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

function step(world: World, op: Operation): void {
  const process = 'who' in op ? world.processes[op.who]! : undefined;
  switch (op.do) {
    case 'call':
      for (let i = 0; i < op.times; i += 1) {
        const lease = process!.take();
        if (lease) process!.end(lease, op.served);
      }
      return;
    case 'begin': {
      const lease = process!.take();
      if (lease) process!.working.push(lease);
      return;
    }
    case 'end': {
      const lease = process!.working.shift();
      if (lease) process!.end(lease, op.served);
      return;
    }
    case 'tick':
      return process!.tick();
    case 'kill':
      world.servedByDead += process!.served;
      world.processes[op.who] = new Process(world.account, world);
      return;
    case 'time passes':
      world.now += op.ms;
      return;
    case 'buy':
      world.bought += op.calls;
      world.account.posted += op.calls;
  }
}

it('several processes, of which some are killed, never charge more than was bought nor more than they served; and all of it once they stop', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
      const world = new World();
      const passed = operations.reduce((sum, op) => sum + (op.do === 'time passes' ? op.ms : 0), 0);
      const isCalm = passed < 25_000 && !operations.some((op) => op.do === 'kill');
      for (const op of operations) {
        step(world, op);
        expect(world.charged).toBeLessThanOrEqual(world.served);
        expect(world.account.available(world.now)).toBeGreaterThanOrEqual(0);
        expect(world.account.posted).toBeGreaterThanOrEqual(0);
      }
      for (const process of world.processes) process.stop();
      const alive = world.processes.reduce((sum, { served }) => sum + served, 0);
      expect(world.charged).toBeLessThanOrEqual(world.served - world.unpaid);
      expect(world.charged).toBeGreaterThanOrEqual(alive - world.unpaid);
      if (isCalm) expect([world.charged, world.unpaid]).toEqual([world.served, 0]);
      // What the killed ones had leased comes back by itself.
      expect(world.account.available(world.now + 30_001)).toBe(world.account.posted);
    }),
    { numRuns: 200 },
  );
});
