import { Injectable } from '@nestjs/common';
import type { Role } from '../../platform/auth/permissions.js';
import { Database } from '../../platform/database/database.js';
import { Conditions } from '../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { Session } from './entities/session.js';

/** A session stays open this long after it was last refreshed. */
const SESSION_DAYS = 30;
/**
 * A session ends after so many refreshes (a hundred days of one every quarter of an hour): telling a stolen
 * old token from garbage means walking the whole chain, and that walk must stay short.
 */
const MOST_GENERATIONS = 10_000;
/** A refresh whose answer got lost may be sent again for this long. */
const RETRY_SECONDS = 10;

/** A session together with what its member may do, as the database has it now. */
export interface SessionStanding {
  id: string;
  memberId: string;
  refreshHash: Buffer;
  generation: number;
  /** Rotated so recently that the token before may come again. */
  justRotated: boolean;
  alive: boolean;
  role: Role;
  permissionVersion: number;
}

const SELECT = `
  SELECT id, member_id AS memberId, refresh_hash AS refreshHash, generation, user_agent AS userAgent, ip, created_at AS createdAt,
         rotated_at AS rotatedAt, revoked_at AS revokedAt, expires_at AS expiresAt
  FROM session`;

/** The only SQL on sessions. */
@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Tx, session: { id: string; memberId: string; refreshHash: Buffer; userAgent: string; ip: string }): Promise<void> {
    await tx.write(
      `INSERT INTO session (id, member_id, refresh_hash, generation, user_agent, ip, created_at, rotated_at, expires_at)
       VALUES (?, ?, ?, 0, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL ${SESSION_DAYS} DAY)`,
      [session.id, session.memberId, session.refreshHash, session.userAgent, session.ip],
    );
  }

  async findStanding(id: string): Promise<SessionStanding | undefined> {
    const [row] = await this.database.rows<Omit<SessionStanding, 'alive' | 'justRotated'> & { alive: number; justRotated: number }>(
      `SELECT s.id, s.member_id AS memberId, s.refresh_hash AS refreshHash, s.generation,
              s.rotated_at > UTC_TIMESTAMP(3) - INTERVAL ${RETRY_SECONDS} SECOND AS justRotated,
              s.revoked_at IS NULL AND s.expires_at > UTC_TIMESTAMP(3) AND m.disabled_at IS NULL AS alive,
              m.role, m.permission_version AS permissionVersion
       FROM session s JOIN member m ON m.id = s.member_id WHERE s.id = ?`,
      [id],
    );
    return row && { ...row, alive: row.alive === 1, justRotated: row.justRotated === 1 };
  }

  /** Swaps the refresh token if `from` still is the current one; of parallel calls exactly one gets true. */
  async rotate(tx: Tx, id: string, from: Buffer, to: Buffer, device: { userAgent: string; ip: string }): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE session SET refresh_hash = ?, generation = generation + 1, rotated_at = UTC_TIMESTAMP(3), user_agent = ?, ip = ?,
              expires_at = UTC_TIMESTAMP(3) + INTERVAL ${SESSION_DAYS} DAY
       WHERE id = ? AND refresh_hash = ? AND generation < ${MOST_GENERATIONS} AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(3)`,
      [to, device.userAgent, device.ip, id, from],
    );
    return matched === 1;
  }

  /** A member's open sessions, newest first. */
  listOpen(memberId: string, beforeId: string | undefined, limit: number): Promise<Session[]> {
    const where = new Conditions().and('member_id = ? AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(3)', memberId);
    if (beforeId !== undefined) where.and('id < ?', beforeId);
    return this.database.rows<Session>(`${SELECT} ${where.sql} ORDER BY id DESC LIMIT ?`, [...where.values, limit]);
  }

  /** All that is known of a member's sessions, ended ones included, oldest first. */
  listAfter(reader: Reader, memberId: string, { after = '', limit }: { after?: string; limit: number }): Promise<Session[]> {
    return reader.rows<Session>(`${SELECT} WHERE member_id = ? AND id > ? ORDER BY id LIMIT ?`, [memberId, after, limit]);
  }

  /** @returns false when the member has no such open session */
  async revoke(tx: Tx, memberId: string, id: string): Promise<boolean> {
    return (await tx.write('UPDATE session SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ? AND member_id = ? AND revoked_at IS NULL', [id, memberId])) === 1;
  }

  /** Ends every session of a member and answers their ids. */
  async revokeAll(tx: Tx, memberId: string): Promise<string[]> {
    const open = await tx.rows<{ id: string }>('SELECT id FROM session WHERE member_id = ? AND revoked_at IS NULL ORDER BY id', [memberId]);
    await tx.write('UPDATE session SET revoked_at = UTC_TIMESTAMP(3) WHERE member_id = ? AND revoked_at IS NULL', [memberId]);
    return open.map(({ id }) => id);
  }

  /** Ends a member's sessions but the `most` that were refreshed last, and answers their ids. */
  async revokeAllBut(tx: Tx, memberId: string, most: number): Promise<string[]> {
    const beyond = await tx.rows<{ id: string }>(
      `SELECT id FROM session WHERE member_id = ? AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(3) ORDER BY rotated_at DESC, id DESC LIMIT 1000 OFFSET ?`,
      [memberId, most],
    );
    const ids = beyond.map(({ id }) => id);
    if (ids.length > 0) await tx.write('UPDATE session SET revoked_at = UTC_TIMESTAMP(3) WHERE id IN (?) AND revoked_at IS NULL', [ids]);
    return ids;
  }

  /** Of these sessions, those that are revoked, expired, unknown, or whose member is disabled. */
  async listEnded(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const open = await this.database.rows<{ id: string }>(
      `SELECT s.id FROM session s JOIN member m ON m.id = s.member_id
       WHERE s.id IN (?) AND s.revoked_at IS NULL AND s.expires_at > UTC_TIMESTAMP(3) AND m.disabled_at IS NULL`,
      [ids],
    );
    const alive = new Set(open.map(({ id }) => id));
    return ids.filter((id) => !alive.has(id));
  }

  /** Removes sessions that ended more than a day ago. @returns how many */
  deleteEnded(tx: Tx, limit: number): Promise<number> {
    return tx.write(
      `DELETE FROM session WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY OR revoked_at < UTC_TIMESTAMP(3) - INTERVAL ${SESSION_DAYS} DAY LIMIT ${limit}`,
    );
  }
}
