import { canonicalJson } from '../../../platform/audit/audit.rules.js';
import { sha256 } from '../chain.rules.js';
import { count } from '../methods/count.rules.js';
import type { Candidate, Poll, Quorum } from '../poll.types.js';
import type { PollResult, QuorumState, Tally } from './results.types.js';

/** What has been read of a poll is good for a second. */
const FRESH_MS = 1_000;
const MOST_WINDOW_SECONDS = 30 * 86_400;
/** No years and no months: they are not so many seconds. */
const DURATION = /^P(?=.)(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?=.)(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,7})S)?)?$/;
const SECONDS_OF = [7 * 86_400, 86_400, 3_600, 60, 1];

/** @param eligible how many may vote; null where anybody may, or where no quorum asks */
export function resultOf(poll: Poll, tally: Tally, eligible: number | null): PollResult {
  const election = { method: poll.method, candidates: standing(poll.candidates, tally), tally: tally.rows, seed: tally.seed };
  const { candidates, winners, ranking, totalVotes, explanation, ...ofMethod } = count(election);
  const quorum = quorumOf(poll.quorum, eligible, totalVotes);
  const isDecided = quorum?.reached !== false;
  const words = [...(isDecided ? [] : [`Nobody wins, as the quorum is not reached: ${totalVotes} of ${quorum.required} voters.`]), ...(explanation === undefined ? [] : [explanation])];
  return {
    method: poll.method,
    candidates,
    winners: isDecided ? winners : [],
    ranking,
    totalVotes,
    votesLast10Minutes: tally.votesLast10Minutes,
    asOf: tally.at.toISOString(),
    version: tally.version,
    final: tally.ended === 'closed' || tally.ended === 'certified',
    unverified: poll.electorate === 'public',
    ...(quorum && { quorum }),
    ...ofMethod,
    ...(words.length > 0 && { explanation: words.join(' Without it: ') }),
  };
}

/** Candidates as they were when the tally was read. */
export function standing(candidates: readonly Candidate[], { withdrawn }: Pick<Tally, 'withdrawn'>): Candidate[] {
  return candidates.map((candidate) => ({ ...candidate, withdrawn: withdrawn.has(candidate.id) }));
}

/** The larger of the two where a poll asks for both; undefined where it asks for none. */
export function quorumOf(quorum: Quorum | null, eligible: number | null, voters: number): QuorumState | undefined {
  if (quorum === null) return undefined;
  const required = Math.max(quorum.min ?? 0, Math.ceil(((quorum.percent ?? 0) * (eligible ?? 0)) / 100));
  return { required, reached: voters >= required };
}

/** A result in one spelling, whichever engine has kept it: JSON without white space, the keys of each object sorted. Its bytes are what is certified. */
export function resultText(result: PollResult): string {
  return canonicalJson(result);
}

/** What the last link of a certified poll covers in the place of receipts. */
export function certificationOf(result: PollResult): string {
  return `result:${sha256(resultText(result))}`;
}

/** How long, in milliseconds, a poll is what it was when it was read: a second at most, and not beyond its opening or closing. */
export function freshMs({ opensAt, closesAt, readAt }: Pick<Poll, 'opensAt' | 'closesAt' | 'readAt'>): number {
  const leftMs = [opensAt, closesAt].map((time) => (time?.getTime() ?? 0) - readAt.getTime());
  return Math.min(FRESH_MS, ...leftMs.filter((left) => left > 0));
}

/** Seconds of an ISO 8601 duration of weeks, days and time from PT1S to P30D; undefined for any other text. */
export function windowSecondsOf(duration: string): number | undefined {
  const parts = DURATION.exec(duration)?.slice(1);
  const seconds = parts?.reduce((sum, part, at) => sum + Number(part ?? 0) * SECONDS_OF[at]!, 0);
  return seconds !== undefined && seconds >= 1 && seconds <= MOST_WINDOW_SECONDS ? seconds : undefined;
}

/**
 * Names what a client has got. Weak, as `asOf` goes on meanwhile. It begins with the version, so that a process that
 * has an older one in memory hears that there is news.
 */
export function resultTag({ version, votesLast10Minutes, votesInWindow }: PollResult, windowSeconds?: number): string {
  return `W/"${[version, votesLast10Minutes, ...(windowSeconds === undefined ? [] : [windowSeconds, votesInWindow])].join('-')}"`;
}

/** The newest version that a client has got; 0 for none. */
export function versionIn(ifNoneMatch: string | undefined): number {
  return Math.max(0, ...[...(ifNoneMatch ?? '').matchAll(/"(\d{1,15})-/g)].map(([, version]) => Number(version)));
}
