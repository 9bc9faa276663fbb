import { addDays, daysBetween, firstInstantOf, type LocalDate } from '../../platform/clock/calendar.js';
import type { OwnerKind, Unit } from './entities/credit-account.js';
import type { CreditEntry } from './entities/credit-entry.js';

/** Whose account: a member (in credits) or an API token (in calls). The id is opaque here. */
export interface AccountOwner {
  readonly kind: OwnerKind;
  readonly id: string;
}

/** An account as its owner sees it, in whole units. */
export interface CreditBalance {
  readonly posted: number;
  readonly held: number;
  /** `posted` − `held`: what can be spent now. */
  readonly available: number;
  /** When the next credit comes; null when none will, as at the cap. */
  readonly nextAccrualAt: Date | null;
  readonly perDay: number;
  readonly cap: number | null;
  readonly timeZone: string;
  readonly seq: number;
  readonly version: number;
}

/** The settled balance at a time. */
export interface BalanceAt {
  readonly at: Date;
  readonly balance: number;
}

export interface HoldRequest {
  /** Whole units, at least 1. */
  readonly amount: number;
  /** How long the hold lives unless renewed. */
  readonly holdSeconds: number;
  /** What it is for: one hold per reference. */
  readonly refType: string;
  readonly refId: string;
}

/** The sender's side of a finished transfer. */
export interface TransferReceipt {
  /** Number of the sender's entry. */
  readonly seq: number;
  readonly amount: number;
  readonly toMemberId: string;
  /** What the sender has left to spend. */
  readonly available: number;
}

/** What the daily sweep did. */
export interface AccrualResult {
  readonly localDate: LocalDate;
  /** Credits given out. */
  readonly granted: number;
  /** Members who gained any. */
  readonly members: number;
}

/** How members gain: so much a day, up to a cap (null: none). */
export interface AccrualRule {
  readonly perDay: number;
  readonly cap: number | null;
}

/** A community day to settle, and the moment it began. */
export interface DueDay {
  readonly date: LocalDate;
  readonly firstInstant: Date;
}

/**
 * What an account holds at most: past 2^53 − 1 numbers are no longer exact, here and in every client that
 * reads JSON. Growth by days stops there, and everything else that would go past it is refused.
 */
export const MAX_BALANCE = Number.MAX_SAFE_INTEGER;

/** Days settled by one statement at most: a community asleep for years is caught up year by year. */
const DAYS_AT_ONCE = 366;

export function unitOf(kind: OwnerKind): Unit {
  return kind === 'member' ? 'credit' : 'call';
}

/** The balance after `days` days: the cap stops the growth and never cuts what is there. */
export function accruedAfter(posted: number, days: number, { perDay, cap }: AccrualRule): number {
  return Math.min(posted + days * perDay, Math.max(posted, cap ?? MAX_BALANCE));
}

/**
 * The days after `settled` up to `today`, oldest first, in batches. Dates that the time zone skipped
 * count too and begin where the calendar resumes.
 */
export function dueDays(settled: LocalDate, today: LocalDate, timeZone: string): DueDay[][] {
  const batches: DueDay[][] = [];
  const due = daysBetween(settled, today);
  for (let day = 1; day <= due; day += 1) {
    const date = addDays(settled, day);
    if ((day - 1) % DAYS_AT_ONCE === 0) batches.push([]);
    batches.at(-1)!.push({ date, firstInstant: firstInstantOf(date, timeZone) });
  }
  return batches;
}

/** What decides whom an entry gives back to, or takes back from. */
export type BookedReturn = Pick<CreditEntry, 'seq' | 'kind' | 'amount' | 'refId' | 'reversesSeq'>;

/** Number of the entry that a refund or a reversal is about; undefined for every other entry. */
export function returnedSeqOf({ kind, refId, reversesSeq }: BookedReturn): number | undefined {
  if (kind === 'refund') return Number(refId);
  return kind === 'reversal' ? reversesSeq! : undefined;
}

/**
 * What is left of an entry's amount after its refunds and its reversal, and after theirs in turn. Of a
 * spend it is at most 0: past that more was given back than taken.
 *
 * @param later refunds and reversals of the same book, in its order
 */
export function remainderOf({ seq, amount }: BookedReturn, later: readonly BookedReturn[]): number {
  const family = new Set([seq]);
  let remainder = amount;
  for (const entry of later) {
    const about = returnedSeqOf(entry);
    if (about === undefined || !family.has(about)) continue;
    family.add(entry.seq);
    remainder += entry.amount;
  }
  return remainder;
}

/** True when the available balance has just come down to `lowAt` or below, not when it already was there. */
export function fellTo(lowAt: number, before: number, after: number): boolean {
  return before > lowAt && after <= lowAt;
}

/**
 * Guards the amounts other features pass in; members' amounts are checked by the DTOs.
 *
 * @throws RangeError when `amount` is not a whole number of at least 1
 */
export function requirePositive(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 1) throw new RangeError(`an amount must be a positive integer, not ${amount}`);
}
