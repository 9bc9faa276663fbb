import type { LocalDate } from '../../../platform/clock/calendar.js';

/** Calls in one lease at most. What a process has leased when it is killed is kept from the token until the holds lapse. */
const MOST_LEASED = 64;
/** A process never leases more than one call in so many of those available: other processes serve the token too. */
const SHARE = 4;
/** Leases taken at once at most, by a token that uses them up faster than the database gives them out one by one. */
const MOST_AT_ONCE = 16;
/** How long what is taken at once should last. */
const AHEAD_MS = 100;
const IDLE_MS = 2_000;

/**
 * How many calls to lease, one lease for each number, where so many are available: no more than the share in all,
 * and one call at least, of which only the database says whether it is there.
 *
 * @param wanted how many calls are expected to be made soon
 */
export function leaseSizesOf(available: number, wanted: number): number[] {
  const share = Math.max(1, Math.floor(available / SHARE));
  if (share < MOST_LEASED) return [share];
  const leases = Math.min(Math.floor(share / MOST_LEASED), Math.floor(wanted / MOST_LEASED), MOST_AT_ONCE);
  return Array.from({ length: Math.max(1, leases) }, () => MOST_LEASED);
}

/** Calls that are set aside by a hold on the token's account, and what has become of them. */
export class CallLease {
  /** Answers given. */
  used = 0;
  /** Requests that are being answered. */
  inUse = 0;
  /** Nothing is served from it any more: what was used stays as it is once nothing is in use. */
  closed = false;
  /** When the last answer was given, in milliseconds since 1970. */
  lastCallAt = 0;

  /**
   * @param day of the community on which its calls are made
   * @param sureUntil until when the hold lives for certain, on the clock of {@link CallPurse.take}
   */
  constructor(
    readonly holdId: string,
    readonly size: number,
    readonly day: LocalDate,
    readonly sureUntil: number,
  ) {}

  get left(): number {
    return this.closed ? 0 : this.size - this.used - this.inUse;
  }
}

/**
 * What one process has leased of one token's calls. Knows neither database nor clock: `now` is milliseconds of
 * a clock that never goes back, and whoever owns the purse carries out what it asks for.
 */
export class CallPurse {
  private readonly leases: CallLease[] = [];
  private lastTakenAt = -Infinity;
  /** What the account had besides the leases of this process when it was last seen. */
  private elsewhere = 0;
  /** When the last leases were fetched, how many calls they had, and how many were taken since. */
  private fetched = { at: -Infinity, calls: 0, taken: 0 };

  constructor(
    readonly tokenId: string,
    readonly memberId: string,
  ) {}

  /** Calls that can still be spent, as far as this process knows. */
  get remaining(): number {
    let remaining = this.elsewhere;
    for (const { size, used, inUse } of this.leases) remaining += size - used - inUse;
    return remaining;
  }

  /** Calls that can be served without asking the database. */
  get left(): number {
    let left = 0;
    for (const lease of this.leases) left += lease.left;
    return left;
  }

  /** Calls that are set aside and no answer yet. */
  get unserved(): number {
    let unserved = 0;
    for (const { size, used } of this.leases) unserved += size - used;
    return unserved;
  }

  get isEmpty(): boolean {
    return this.leases.length === 0;
  }

  /** Takes one call, to be ended with {@link end}; undefined when there is none left that is sure. */
  take(now: number, day: LocalDate): CallLease | undefined {
    for (const lease of this.leases) {
      if (lease.closed) continue;
      if (now >= lease.sureUntil || lease.day !== day) lease.closed = true;
      else if (lease.left > 0) {
        lease.inUse += 1;
        this.lastTakenAt = now;
        this.fetched.taken += 1;
        return lease;
      }
    }
    return undefined;
  }

  /** @param servedAt when the answer was given, in milliseconds since 1970; undefined when the call is given back */
  end(lease: CallLease, servedAt: number | undefined): void {
    lease.inUse -= 1;
    if (servedAt === undefined) return;
    lease.used += 1;
    lease.lastCallAt = servedAt;
  }

  /** True when half of what was fetched last is used: only where there is plenty, so that nothing is kept from others. */
  isRunningLow(): boolean {
    return this.elsewhere >= MOST_LEASED * SHARE && this.left * 2 < this.fetched.calls;
  }

  /** How many calls will be made in a moment, if they go on as since the last leases were fetched. */
  expectedAt(now: number): number {
    const { at, taken } = this.fetched;
    return (taken / Math.max(1, now - at)) * AHEAD_MS;
  }

  /** Adds what was leased. @param elsewhere what the account then still had */
  add(leases: readonly CallLease[], elsewhere: number, now: number): void {
    this.leases.push(...leases);
    this.elsewhere = elsewhere;
    this.fetched = { at: now, calls: leases.reduce((calls, { size }) => calls + size, 0), taken: 0 };
  }

  /** The account has nothing besides. */
  exhaust(): void {
    this.elsewhere = 0;
  }

  /** Closes what was used so far, and what nobody has wanted for a while: called each second. */
  closeDue(now: number): void {
    const isIdle = !this.isWanted(now);
    for (const lease of this.leases) if (isIdle || lease.used > 0 || now >= lease.sureUntil) lease.closed = true;
  }

  /** Closes what was used so far. */
  closeUsed(): void {
    for (const lease of this.leases) if (lease.used > 0) lease.closed = true;
  }

  /** True when a call was taken since the purse would have been called idle. */
  isWanted(now: number): boolean {
    return now - this.lastTakenAt < IDLE_MS;
  }

  /** Closes everything, for the end. */
  closeAll(): void {
    for (const lease of this.leases) lease.closed = true;
  }

  get hasEnded(): boolean {
    return this.leases.some(hasEnded);
  }

  /** Leases that will not change any more: to be settled, and then forgotten. */
  ended(): CallLease[] {
    const ended = this.leases.filter(hasEnded);
    for (const lease of ended) lease.closed = true;
    return ended;
  }

  /** @param returned how many of its calls went back to the account */
  forget(lease: CallLease, returned: number): void {
    const at = this.leases.indexOf(lease);
    if (at === -1) return;
    this.leases.splice(at, 1);
    this.elsewhere += returned;
  }
}

function hasEnded({ inUse, closed, used, size }: CallLease): boolean {
  return inUse === 0 && (closed || used === size);
}
