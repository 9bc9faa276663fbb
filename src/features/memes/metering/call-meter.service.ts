import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import type { LocalDate } from '../../../platform/clock/calendar.js';
import type { DomainError } from '../../../platform/errors/domain-error.js';
import { serverBusy } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { insufficientCredits } from '../../credits/index.js';
import { CallLeases } from './call-leases.service.js';
import { CallLease, CallPurse } from './call-purse.rules.js';
import type { Caller } from './metering.types.js';
import { SessionCalls } from './session-calls.service.js';

const SETTLE_EVERY_MS = 1_000;
/** Tokens whose leases are settled at the same time: the pool belongs to requests. */
const LANES = 4;

/** A token in use, and the one visit to the database at a time that its requests share. */
class MeteredToken {
  readonly purse: CallPurse;
  visit: Promise<DomainError | undefined> | undefined;
  /** How many visits were begun so far. */
  visits = 0;
  /** Requests that wait for a lease. */
  waiting = 0;

  constructor(tokenId: string, memberId: string) {
    this.purse = new CallPurse(tokenId, memberId);
  }
}

/**
 * Lets API tokens pay for their calls. Each process leases blocks of calls and serves from memory; what was used
 * is settled each second and when the process stops. Members' own sessions pay nothing and are only counted.
 */
@Injectable()
export class CallMeter implements OnApplicationShutdown {
  private readonly logger = new Logger(CallMeter.name);
  private readonly tokens = new Map<string, MeteredToken>();
  private timer: NodeJS.Timeout | undefined;
  private settling: Promise<void> | undefined;
  private stopping = false;
  private day = { date: '', from: 0, until: 0 };

  constructor(
    private readonly leases: CallLeases,
    private readonly sessionCalls: SessionCalls,
    private readonly clock: Clock,
  ) {}

  /**
   * Does `work` for the caller: one call for an API token when the answer is 200, and nothing otherwise. The call
   * is set aside before the work begins. The answer comes at once when the work's does and no lease has to be taken.
   *
   * @throws insufficientCredits when the token has no call left; what the work throws
   */
  serve(caller: Caller, work: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    const { actor, free } = caller;
    if (actor.apiTokenId === undefined) {
      const answer = work();
      if (free) return answer;
      return answer instanceof Promise ? answer.then((made) => this.countedForMember(caller, made)) : this.countedForMember(caller, answer);
    }
    const token = this.tokens.get(actor.apiTokenId);
    if (free) {
      caller.tell(0, token?.purse.remaining);
      return work();
    }
    const lease = token && this.take(token);
    return lease ? this.paid(caller, token, lease, work) : this.paidLater(caller, work);
  }

  /** Settles all that these tokens have used up to now; calls that are being answered are not used yet. */
  async flush(tokenIds: readonly string[]): Promise<void> {
    for (const id of tokenIds) {
      const token = this.tokens.get(id);
      if (token === undefined) continue;
      token.purse.closeUsed();
      // One that has begun before does not know of what was closed just now; one that begins after it does.
      await token.visit?.catch(() => undefined);
      if (token.purse.hasEnded) await (token.visit ?? this.visit(token, false));
    }
    await this.sessionCalls.write();
  }

  /** Calls of the token that are set aside in this process and not served yet. */
  leasedTo(tokenId: string): number {
    return this.tokens.get(tokenId)?.purse.unserved ?? 0;
  }

  /** Runs when every request has been answered, and before the database is closed. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.settling;
    await this.settleAll(performance.now());
    if (this.tokens.size > 0) this.logger.error(`${this.tokens.size} API tokens could not be charged for their last calls; their leases will lapse`);
  }

  private paid(caller: Caller, token: MeteredToken, lease: CallLease, work: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    let answer: Answer | Promise<Answer>;
    try {
      answer = work();
    } catch (error) {
      this.settleCall(caller, token, lease, false);
      throw error;
    }
    if (answer instanceof Promise) return this.paidWhenDone(caller, token, lease, answer);
    this.settleCall(caller, token, lease, answer.status === 200);
    return answer;
  }

  private async paidWhenDone(caller: Caller, token: MeteredToken, lease: CallLease, work: Promise<Answer>): Promise<Answer> {
    let served = false;
    try {
      const answer = await work;
      served = answer.status === 200 && !caller.answered;
      return answer;
    } finally {
      this.settleCall(caller, token, lease, served);
    }
  }

  private settleCall(caller: Caller, { purse }: MeteredToken, lease: CallLease, served: boolean): void {
    purse.end(lease, served ? this.clock.now().getTime() : undefined);
    if (!caller.answered) caller.tell(served ? 1 : 0, purse.remaining);
  }

  private async paidLater(caller: Caller, work: () => Answer | Promise<Answer>): Promise<Answer> {
    const { apiTokenId, memberId } = caller.actor;
    const token = this.tokens.get(apiTokenId!) ?? new MeteredToken(apiTokenId!, memberId);
    this.tokens.set(apiTokenId!, token);
    this.keepTime();
    const lease = await this.acquire(caller, token).catch((error: unknown) => error);
    if (!(lease instanceof CallLease)) {
      // Nothing can be paid: what costs nothing is still to be had.
      if (insufficientCredits.matches(lease) && caller.revalidates) return this.unpaid(lease, work);
      throw lease;
    }
    if (caller.answered) {
      // The handler's time ran out meanwhile.
      token.purse.end(lease, undefined);
      throw serverBusy({ retryAfterSeconds: 1 });
    }
    return this.paid(caller, token, lease, work);
  }

  private async unpaid(refusal: Error, work: () => Answer | Promise<Answer>): Promise<Answer> {
    const answer = await work();
    if (answer.status !== 304) throw refusal;
    return answer;
  }

  private async acquire(caller: Caller, token: MeteredToken): Promise<CallLease> {
    token.waiting += 1;
    try {
      return await this.wait(token);
    } catch (error) {
      if (insufficientCredits.matches(error)) caller.tell(0, 0);
      throw error;
    } finally {
      token.waiting -= 1;
    }
  }

  /** Only a visit to the database that began after the call came may refuse it: calls may have been bought meanwhile. */
  private async wait(token: MeteredToken): Promise<CallLease> {
    for (const seen = token.visits; ; ) {
      const lease = this.take(token);
      if (lease) return lease;
      const visit = token.visit ?? this.visit(token, true);
      const isNew = token.visits > seen;
      const refusal = await visit;
      if (refusal !== undefined && isNew && token.purse.left === 0) throw refusal;
    }
  }

  private take(token: MeteredToken): CallLease | undefined {
    const lease = token.purse.take(performance.now(), this.today());
    // Fetched in the background; whoever needs it and does not find it asks again, and hears of an error.
    if (lease && token.visit === undefined && token.purse.isRunningLow()) this.visit(token, true).catch(() => undefined);
    return lease;
  }

  private visit(token: MeteredToken, wanted: boolean): Promise<DomainError | undefined> {
    token.visits += 1;
    token.visit = this.leases.turnOver(token.purse, wanted, this.today()).finally(() => (token.visit = undefined));
    return token.visit;
  }

  private countedForMember(caller: Caller, answer: Answer): Answer {
    if (answer.status !== 200 || caller.answered) return answer;
    this.sessionCalls.note(caller.actor.memberId, this.today(), this.clock.now().getTime());
    this.keepTime();
    return answer;
  }

  /** One timer for all, and only while there is something to settle. */
  private keepTime(): void {
    this.timer ??= setInterval(() => void this.settleDue(performance.now()), SETTLE_EVERY_MS).unref();
  }

  /**
   * Settles what was used so far and gives back what is idle. Never rejects: what fails is tried again.
   *
   * @param now on the clock of `performance.now()`
   */
  async settleDue(now: number): Promise<void> {
    if (this.settling) return;
    for (const { purse } of this.tokens.values()) purse.closeDue(now);
    this.settling = this.settleAll(now).finally(() => (this.settling = undefined));
    await this.settling;
    if (this.tokens.size > 0 || !this.sessionCalls.isEmpty) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Never rejects: what could not be settled keeps its tally, and is tried again at the next second. */
  private async settleAll(now: number): Promise<void> {
    const faults: unknown[] = [];
    const fail = (error: unknown): void => void faults.push(error);
    const waiting = [...this.tokens.values()].values();
    const lane = async (): Promise<void> => {
      for (const token of waiting) await this.settle(token, now).catch(fail);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await this.sessionCalls.write().catch(fail);
    if (faults.length > 0) this.logger.warn(faults[0], `calls could not be settled yet, for ${faults.length} reasons of which this is the first`);
  }

  private async settle(token: MeteredToken, now: number): Promise<void> {
    const { purse } = token;
    await token.visit?.catch(() => undefined);
    if (this.stopping) purse.closeAll();
    if (purse.hasEnded) await (token.visit ?? this.visit(token, !this.stopping && purse.left === 0 && purse.isWanted(now)));
    if (purse.isEmpty && token.waiting === 0 && token.visit === undefined) this.tokens.delete(purse.tokenId);
  }

  /** Today in the community: asked for each call, and looked up once a day. */
  private today(): LocalDate {
    const now = this.clock.now().getTime();
    if (now < this.day.from || now >= this.day.until) this.day = { date: this.clock.today(), from: now, until: this.clock.nextMidnight().getTime() };
    return this.day.date;
  }
}
