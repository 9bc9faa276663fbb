import { Injectable } from '@nestjs/common';
import { Conditions } from '../../platform/database/sql-text.js';
import type { Reader } from '../../platform/database/transactions.js';
import type { PollCandidate } from './entities/poll-candidate.js';
import type { PollRow } from './entities/poll.js';
import { NEVER, stateOf } from './poll.rules.js';
import type { Poll, PollState } from './poll.types.js';

type FoundRow = Omit<PollRow, 'electorateSize' | 'result'> & { opensAt: Date | null; closesAt: Date; version: number; edition: number; seed: string | null; now: Date };

const COLUMNS = `p.id, p.title, p.description, p.method, p.electorate, p.allow_change AS allowChange, p.secrecy, p.results, p.max_score AS maxScore,
  p.quorum_min AS quorumMin, p.quorum_percent AS quorumPercent, p.seed_commitment AS seedCommitment, p.created_by AS createdBy, p.created_at AS createdAt,
  p.ended, g.opens_at AS opensAt, g.closes_at AS closesAt, g.version, g.edition, IF(p.ended IN ('closed', 'certified'), s.seed, NULL) AS seed, UTC_TIMESTAMP(3) AS now`;
const FROM = 'FROM poll p JOIN poll_guard g ON g.poll_id = p.id JOIN poll_secret s ON s.poll_id = p.id';

/** The states as `stateOf` has them, in SQL. */
const IS: Readonly<Record<PollState, string>> = {
  draft: 'p.ended IS NULL AND (g.opens_at IS NULL OR UTC_TIMESTAMP(3) < g.opens_at)',
  open: 'p.ended IS NULL AND UTC_TIMESTAMP(3) >= g.opens_at AND UTC_TIMESTAMP(3) < g.closes_at',
  closed: "(p.ended = 'closed' OR (p.ended IS NULL AND UTC_TIMESTAMP(3) >= g.opens_at AND UTC_TIMESTAMP(3) >= g.closes_at))",
  certified: "p.ended = 'certified'",
  cancelled: "p.ended = 'cancelled'",
};

/** Which polls a page of the list is about. */
interface PollFilter {
  readonly state?: PollState;
  /** Drafts are left out. */
  readonly withoutDrafts?: boolean;
  readonly onlyPublic?: boolean;
  /** Id of the last poll of the page before. */
  readonly beforeId?: string;
}

/** Reads polls, with their candidates and what state their times make them. Electors may be thousands, and are asked for where they are needed. */
@Injectable()
export class PollRepository {
  async find(reader: Reader, id: string): Promise<Poll | undefined> {
    const [poll] = await this.assemble(reader, await reader.rows<FoundRow>(`SELECT ${COLUMNS} ${FROM} WHERE p.id = ?`, [id]));
    return poll;
  }

  /** Newest first. */
  async list(reader: Reader, { state, withoutDrafts, onlyPublic, beforeId }: PollFilter, limit: number): Promise<Poll[]> {
    const where = new Conditions();
    if (state !== undefined) where.and(IS[state]);
    if (withoutDrafts) where.and(`NOT (${IS.draft})`);
    if (onlyPublic) where.and("p.electorate = 'public'");
    if (beforeId !== undefined) where.and('p.id < ?', beforeId);
    const rows = await reader.rows<FoundRow>(`SELECT ${COLUMNS} ${FROM} ${where.sql} ORDER BY p.id DESC LIMIT ${limit}`, where.values);
    return this.assemble(reader, rows);
  }

  /** The polls with these ids that there are, in no order. */
  async listByIds(reader: Reader, ids: readonly string[]): Promise<Poll[]> {
    if (ids.length === 0) return [];
    return this.assemble(reader, await reader.rows<FoundRow>(`SELECT ${COLUMNS} ${FROM} WHERE p.id IN (?)`, [ids]));
  }

  /** Who may vote in a poll that lists them, in the order of their ids. */
  async electors(reader: Reader, id: string): Promise<string[]> {
    const rows = await reader.rows<{ memberId: string }>('SELECT member_id AS memberId FROM poll_elector WHERE poll_id = ? ORDER BY member_id', [id]);
    return rows.map(({ memberId }) => memberId);
  }

  async countElectors(reader: Reader, id: string): Promise<number> {
    const [counted] = await reader.rows<{ electors: number }>('SELECT COUNT(*) AS electors FROM poll_elector WHERE poll_id = ?', [id]);
    return Number(counted!.electors);
  }

  /** Of these polls, those that list this member. */
  async listedIn(reader: Reader, memberId: string, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await reader.rows<{ pollId: string }>('SELECT poll_id AS pollId FROM poll_elector WHERE poll_id IN (?) AND member_id = ?', [ids, memberId]);
    return new Set(rows.map(({ pollId }) => pollId));
  }

  /** The seed of lots and the secret of voters' names; the latter null once it is destroyed. */
  async secrets(reader: Reader, id: string): Promise<{ readonly seed: string; readonly voterSecret: Buffer | null }> {
    const [row] = await reader.rows<{ seed: string; voterSecret: Buffer | null }>('SELECT seed, voter_secret AS voterSecret FROM poll_secret WHERE poll_id = ?', [id]);
    return row!;
  }

  private async assemble(reader: Reader, rows: readonly FoundRow[]): Promise<Poll[]> {
    if (rows.length === 0) return [];
    const candidates = await reader.rows<PollCandidate>('SELECT poll_id AS pollId, id, name, description, withdrawn FROM poll_candidate WHERE poll_id IN (?) ORDER BY position', [
      rows.map(({ id }) => id),
    ]);
    return rows.map((row) => pollOf(row, candidates.filter(({ pollId }) => pollId === row.id)));
  }
}

function pollOf(found: FoundRow, candidates: readonly PollCandidate[]): Poll {
  const { quorumMin, quorumPercent, allowChange, closesAt: closes, now, ...row } = found;
  const closesAt = closes < NEVER ? closes : null;
  return {
    ...row,
    allowChange: allowChange === 1,
    closesAt,
    quorum: quorumMin === null && quorumPercent === null ? null : { ...(quorumMin !== null && { min: quorumMin }), ...(quorumPercent !== null && { percent: quorumPercent }) },
    candidates: candidates.map(({ id, name, description, withdrawn }) => ({ id, name, description, withdrawn: withdrawn === 1 })),
    state: stateOf({ ...row, closesAt }, now),
    readAt: now,
  };
}
