import { Injectable } from '@nestjs/common';
import type { Role } from '../../platform/auth/permissions.js';
import { Database } from '../../platform/database/database.js';
import { Conditions } from '../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import type { ApiToken } from './entities/api-token.js';

/** A usable token with its owner's standing. */
export interface ApiTokenStanding {
  id: string;
  memberId: string;
  permissions: string;
  role: Role;
  permissionVersion: number;
  /** Milliseconds until it expires; null when it never does. */
  remainingMs: number | null;
}

export interface NewApiToken {
  id: string;
  memberId: string;
  name: string;
  secretHash: Buffer;
  permissions: string;
  expiresAt: Date | null;
}

const SELECT = `
  SELECT id, member_id AS memberId, name, secret_hash AS secretHash, permissions, last_used_at AS lastUsedAt, expires_at AS expiresAt,
         revoked_at AS revokedAt, created_at AS createdAt
  FROM api_token`;

/** The only SQL on API tokens. */
@Injectable()
export class ApiTokenRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Tx, token: NewApiToken): Promise<void> {
    await tx.write(
      `INSERT INTO api_token (id, member_id, name, secret_hash, permissions, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3))`,
      [token.id, token.memberId, token.name, token.secretHash, token.permissions, token.expiresAt],
    );
  }

  async findStanding(secretHash: Buffer): Promise<ApiTokenStanding | undefined> {
    const [row] = await this.database.rows<ApiTokenStanding>(
      `SELECT t.id, t.member_id AS memberId, t.permissions, m.role, m.permission_version AS permissionVersion,
              TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), t.expires_at) DIV 1000 AS remainingMs
       FROM api_token t JOIN member m ON m.id = t.member_id
       WHERE t.secret_hash = ? AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > UTC_TIMESTAMP(3)) AND m.disabled_at IS NULL`,
      [secretHash],
    );
    return row && { ...row, remainingMs: row.remainingMs === null ? null : Number(row.remainingMs) };
  }

  async findOwner(token: { id: string } | { secretHash: Buffer }): Promise<{ id: string; memberId: string } | undefined> {
    const [where, value] = 'id' in token ? ['id = ?', token.id] : ['secret_hash = ?', token.secretHash];
    const [row] = await this.database.rows<{ id: string; memberId: string }>(`SELECT id, member_id AS memberId FROM api_token WHERE ${where} AND revoked_at IS NULL`, [value]);
    return row;
  }

  /** Undefined when there is no such member. */
  async listUsableIds(memberId: string): Promise<string[] | undefined> {
    const rows = await this.database.rows<{ id: string | null }>(
      `SELECT t.id FROM member m
         LEFT JOIN api_token t ON t.member_id = m.id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > UTC_TIMESTAMP(3))
        WHERE m.id = ? ORDER BY t.id`,
      [memberId],
    );
    return rows.length === 0 ? undefined : rows.flatMap(({ id }) => id ?? []);
  }

  /** A member's tokens that are not revoked, newest first. */
  list(memberId: string, beforeId: string | undefined, limit: number): Promise<ApiToken[]> {
    const where = new Conditions().and('member_id = ? AND revoked_at IS NULL', memberId);
    if (beforeId !== undefined) where.and('id < ?', beforeId);
    return this.database.rows<ApiToken>(`${SELECT} ${where.sql} ORDER BY id DESC LIMIT ?`, [...where.values, limit]);
  }

  /** All that is known of a member's tokens, revoked ones included, oldest first. */
  listAfter(reader: Reader, memberId: string, { after = '', limit }: { after?: string; limit: number }): Promise<ApiToken[]> {
    return reader.rows<ApiToken>(`${SELECT} WHERE member_id = ? AND id > ? ORDER BY id LIMIT ?`, [memberId, after, limit]);
  }

  async countUsable(reader: Reader, memberId: string): Promise<number> {
    const [row] = await reader.rows<{ n: number }>(
      'SELECT COUNT(*) AS n FROM api_token WHERE member_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3))',
      [memberId],
    );
    return row!.n;
  }

  /** @throws notFound when the member has no such token that is not revoked */
  async get(reader: Reader, memberId: string, id: string): Promise<ApiToken> {
    const [token] = await reader.rows<ApiToken>(`${SELECT} WHERE id = ? AND member_id = ? AND revoked_at IS NULL`, [id, memberId]);
    if (token === undefined) throw notFound();
    return token;
  }

  /**
   * Writes to the token's row while it can be used, so that a revocation and whatever is bought for the
   * token meet there.
   *
   * @throws notFound when the member has no such token, or it has expired
   */
  async confirmUsable(tx: Tx, memberId: string, id: string): Promise<void> {
    const matched = await tx.write(
      `UPDATE api_token SET last_used_at = UTC_TIMESTAMP(3)
       WHERE id = ? AND member_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3))`,
      [id, memberId],
    );
    if (matched === 0) throw notFound();
  }

  /** @throws notFound */
  async updateSecret(tx: Tx, memberId: string, id: string, secretHash: Buffer): Promise<void> {
    const matched = await tx.write('UPDATE api_token SET secret_hash = ? WHERE id = ? AND member_id = ? AND revoked_at IS NULL', [secretHash, id, memberId]);
    if (matched === 0) throw notFound();
  }

  /** @throws notFound */
  async revoke(tx: Tx, memberId: string, id: string): Promise<void> {
    const matched = await tx.write('UPDATE api_token SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ? AND member_id = ? AND revoked_at IS NULL', [id, memberId]);
    if (matched === 0) throw notFound();
  }

  async revokeAll(tx: Tx, memberId: string): Promise<void> {
    await tx.write('UPDATE api_token SET revoked_at = UTC_TIMESTAMP(3) WHERE member_id = ? AND revoked_at IS NULL', [memberId]);
  }

  /** Notes that these tokens were used just now, at most once a minute each. */
  async updateLastUsed(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.write(
      `UPDATE api_token SET last_used_at = UTC_TIMESTAMP(3)
       WHERE id IN (?) AND (last_used_at IS NULL OR last_used_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE)`,
      [ids],
    );
  }
}
