import { Injectable } from '@nestjs/common';
import { Conditions } from '../../platform/database/sql-text.js';
import type { Reader } from '../../platform/database/transactions.js';
import type { PollCandidate } from './entities/poll-candidate.js';
import type { PollElector } from './entities/poll-elector.js';
import type { PollRow } from './entities/poll.js';
import { stateOf } from './poll.rules.js';
import type { Poll, PollState } from './poll.types.js';

/** DATETIME's last year stands for "never": in SQL a comparison with NULL would hold for nobody. */
export const NEVER = '9999-12-31 00:00:00.000';

type FoundRow = Omit<PollRow, 'electorateSize' | 'result'> & { opensAt: Date | null; closesAt: Date; version: number; now: Date };

const COLUMNS = `p.id, p.title, p.description, p.method, p.electorate, p.allow_change AS allowChange, p.secrecy, p.results, p.max_score AS maxScore,
  p.quorum_min AS quorumMin, p.quorum_percent AS quorumPercent, p.seed_commitment AS seedCommitment, p.created_by AS createdBy, p.created_at AS createdAt,
  p.ended, g.opens_at AS opensAt, g.closes_at AS closesAt, g.version, UTC_TIMESTAMP(3) AS now`;

/** The states as `stateOf` has them, in SQL. */
const IS: Readonly<Record<PollState, string>> = {
  draft: 'p.ended IS NULL AND (g.opens_at IS NULL OR UTC_TIMESTAMP(3) < g.opens_at)',
  open: 'p.ended IS NULL AND UTC_TIMESTAMP(3) >= g.opens_at AND UTC_TIMESTAMP(3) < g.closes_at',
  closed: "(p.ended = 'closed' OR (p.ended IS NULL AND UTC_TIMESTAMP(3) >= g.opens_at AND UTC_TIMESTAMP(3) >= g.closes_at))",
  certified: "p.ended = 'certified'",
  cancelled: "p.ended = 'cancelled'",
};

/** Which polls a page of the list is about. */
export interface PollFilter {
  readonly state?: PollState;
  /** Drafts are left out. */
  readonly withoutDrafts?: boolean;
  readonly onlyPublic?: boolean;
  /** Id of the last poll of the page before. */
  readonly beforeId?: string;
}

/** Reads polls, with their candidates and electors and what state their times make them. */
@Injectable()
export class PollRepository {
  async find(reader: Reader, id: string): Promise<Poll | undefined> {
    const [poll] = await this.assemble(reader, await reader.rows<FoundRow>(`SELECT ${COLUMNS} FROM poll p JOIN poll_guard g ON g.poll_id = p.id WHERE p.id = ?`, [id]));
    return poll;
  }

  /** Newest first. */
  async list(reader: Reader, { state, withoutDrafts, onlyPublic, beforeId }: PollFilter, limit: number): Promise<Poll[]> {
    const where = new Conditions();
    if (state !== undefined) where.and(IS[state]);
    if (withoutDrafts) where.and(`NOT (${IS.draft})`);
    if (onlyPublic) where.and("p.electorate = 'public'");
    if (beforeId !== undefined) where.and('p.id < ?', beforeId);
    const rows = await reader.rows<FoundRow>(`SELECT ${COLUMNS} FROM poll p JOIN poll_guard g ON g.poll_id = p.id ${where.sql} ORDER BY p.id DESC LIMIT ${limit}`, where.values);
    return this.assemble(reader, rows);
  }

  /** The polls with these ids that there are, in no order. */
  async listByIds(reader: Reader, ids: readonly string[]): Promise<Poll[]> {
    if (ids.length === 0) return [];
    return this.assemble(reader, await reader.rows<FoundRow>(`SELECT ${COLUMNS} FROM poll p JOIN poll_guard g ON g.poll_id = p.id WHERE p.id IN (?)`, [ids]));
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
    const listed = rows.filter(({ electorate }) => electorate === 'list').map(({ id }) => id);
    const electors = listed.length === 0 ? [] : await reader.rows<PollElector>('SELECT poll_id AS pollId, member_id AS memberId FROM poll_elector WHERE poll_id IN (?)', [listed]);
    return rows.map((row) => pollOf(row, candidates.filter(({ pollId }) => pollId === row.id), electors.filter(({ pollId }) => pollId === row.id)));
  }
}

function pollOf(found: FoundRow, candidates: readonly PollCandidate[], electors: readonly PollElector[]): Poll {
  const { quorumMin, quorumPercent, allowChange, closesAt: closes, now, ...row } = found;
  const closesAt = closes.getUTCFullYear() === 9999 ? null : closes;
  return {
    ...row,
    allowChange: allowChange === 1,
    closesAt,
    quorum: quorumMin === null && quorumPercent === null ? null : { ...(quorumMin !== null && { min: quorumMin }), ...(quorumPercent !== null && { percent: quorumPercent }) },
    candidates: candidates.map(({ id, name, description, withdrawn }) => ({ id, name, description, withdrawn: withdrawn === 1 })),
    electors: new Set(electors.map(({ memberId }) => memberId)),
    state: stateOf({ ...row, closesAt }, now),
    readAt: now,
  };
}
