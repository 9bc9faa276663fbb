import { Injectable } from '@nestjs/common';
import type { Role } from '../../platform/auth/permissions.js';
import { Database } from '../../platform/database/database.js';
import { isDuplicate } from '../../platform/database/sql-errors.js';
import { Conditions, escapeLike } from '../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import type { Hour } from '../../platform/statistics/hour.js';
import type { Member } from './entities/member.js';
import { emailTaken } from './members.errors.js';

export interface NewMember {
  id: string;
  email: string;
  displayName: string;
  passwordHash: string | null;
  role: Role;
  /** The address needs no proof. */
  emailVerified?: boolean;
}

const SELECT = `
  SELECT id, email, email_verified_at AS emailVerifiedAt, display_name AS displayName, password_hash AS passwordHash, role,
         permission_version AS permissionVersion, last_active_at AS lastActiveAt, created_at AS createdAt, disabled_at AS disabledAt
  FROM member`;

/** The only SQL on members. */
@Injectable()
export class MemberRepository {
  constructor(private readonly database: Database) {}

  /** @throws emailTaken */
  async insert(tx: Tx, member: NewMember): Promise<void> {
    try {
      await tx.write(
        `INSERT INTO member (id, email, display_name, password_hash, role, permission_version, email_verified_at, created_at)
         VALUES (?, ?, ?, ?, ?, 1, ${member.emailVerified ? 'UTC_TIMESTAMP(3)' : 'NULL'}, UTC_TIMESTAMP(3))`,
        [member.id, member.email, member.displayName, member.passwordHash, member.role],
      );
    } catch (error) {
      throw isDuplicate(error, 'uq_member_email') ? emailTaken() : error;
    }
  }

  async find(id: string): Promise<Member | undefined> {
    const [member] = await this.listByIds([id]);
    return member;
  }

  /** @param reader an open transaction, to see what it has written @throws notFound */
  async get(reader: Reader, id: string): Promise<Member> {
    const [member] = await reader.rows<Member>(`${SELECT} WHERE id = ?`, [id]);
    if (member === undefined) throw notFound();
    return member;
  }

  async findByEmail(email: string): Promise<Member | undefined> {
    const [member] = await this.database.rows<Member>(`${SELECT} WHERE email = ?`, [email]);
    return member;
  }

  /** Those of the ids that exist, in no particular order. One statement: `/api/me` asks for many at once under load. */
  listByIds(ids: readonly string[]): Promise<Member[]> {
    return this.database.rows<Member>(`${SELECT} WHERE id IN (?)`, [ids]);
  }

  /** How many can sign in. */
  async countActive(reader: Reader): Promise<number> {
    const [row] = await reader.rows<{ members: number }>('SELECT COUNT(*) AS members FROM member WHERE disabled_at IS NULL');
    return row!.members;
  }

  /** Those of the ids that are members', also of such who are locked out. */
  async listKnownIds(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    return new Set((await reader.rows<{ id: string }>('SELECT id FROM member WHERE id IN (?)', [ids])).map(({ id }) => id));
  }

  /** Those of the ids whose members can sign in. */
  async listActiveIds(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    return new Set((await reader.rows<{ id: string }>('SELECT id FROM member WHERE id IN (?) AND disabled_at IS NULL', [ids])).map(({ id }) => id));
  }

  async isEmpty(): Promise<boolean> {
    return (await this.database.rows('SELECT 1 FROM member LIMIT 1')).length === 0;
  }

  /** Members who can sign in, by name, for the directory. */
  listDirectory(query: string | undefined, after: { displayName: string; id: string } | undefined, limit: number): Promise<Member[]> {
    const where = new Conditions().and('disabled_at IS NULL');
    if (query !== undefined) where.and("display_name LIKE ? ESCAPE '!'", `%${escapeLike(query)}%`);
    if (after !== undefined) where.and('(display_name > ? OR (display_name = ? AND id > ?))', after.displayName, after.displayName, after.id);
    return this.database.rows<Member>(`${SELECT} ${where.sql} ORDER BY display_name, id LIMIT ?`, [...where.values, limit]);
  }

  /** Every member, newest first, for admins; `query` looks in names and addresses. */
  list(query: string | undefined, beforeId: string | undefined, limit: number): Promise<Member[]> {
    const where = new Conditions();
    if (query !== undefined) {
      const pattern = `%${escapeLike(query)}%`;
      where.and("(display_name LIKE ? ESCAPE '!' OR email LIKE ? ESCAPE '!')", pattern, pattern.toLowerCase());
    }
    if (beforeId !== undefined) where.and('id < ?', beforeId);
    return this.database.rows<Member>(`${SELECT} ${where.sql} ORDER BY id DESC LIMIT ?`, [...where.values, limit]);
  }

  async updateDisplayName(tx: Tx, id: string, displayName: string): Promise<void> {
    await tx.write('UPDATE member SET display_name = ? WHERE id = ?', [displayName, id]);
  }

  /** Swaps the hash if `from` still is the current one; of parallel changes exactly one gets true. */
  async updatePassword(tx: Tx, id: string, from: string, to: string): Promise<boolean> {
    return (await tx.write('UPDATE member SET password_hash = ? WHERE id = ? AND password_hash = ?', [to, id, from])) === 1;
  }

  /** Sets the hash whatever it was. @returns false when the member is locked out */
  async resetPassword(tx: Tx, id: string, to: string): Promise<boolean> {
    return (await tx.write('UPDATE member SET password_hash = ? WHERE id = ? AND disabled_at IS NULL', [to, id])) === 1;
  }

  /**
   * Writes to the member's row while they may sign in with this password; replaces its hash by `upgraded`,
   * a stronger one of the same password.
   *
   * @returns false when the password changed meanwhile or the member is locked out
   */
  async confirmSignIn(tx: Tx, id: string, passwordHash: string, upgraded: string): Promise<boolean> {
    const matched = await tx.write(
      'UPDATE member SET password_hash = ?, last_active_at = UTC_TIMESTAMP(3) WHERE id = ? AND password_hash = ? AND disabled_at IS NULL',
      [upgraded, id, passwordHash],
    );
    return matched === 1;
  }

  /**
   * Writes to the acting admin's row while they are still an admin: two admins who dismiss each other at
   * once meet here, and the second is one no longer.
   *
   * @returns false when they are not
   */
  async confirmAdmin(tx: Tx, id: string): Promise<boolean> {
    return (await tx.write(`UPDATE member SET last_active_at = UTC_TIMESTAMP(3) WHERE id = ? AND role = 'admin' AND disabled_at IS NULL`, [id])) === 1;
  }

  /**
   * Writes to the owner's row, where a password change and a lock-out are met, and then looks whether the
   * session that asks is still open: what those ended must not leave a fresh token behind.
   */
  async confirmSession(tx: Tx, memberId: string, sessionId: string): Promise<boolean> {
    const active = await this.confirmActive(tx, memberId);
    const open = await tx.rows('SELECT 1 FROM session WHERE id = ? AND member_id = ? AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(3)', [sessionId, memberId]);
    return active && open.length === 1;
  }

  /** Writes to the member's row while they are not locked out. @returns false when they are */
  async confirmActive(tx: Tx, id: string): Promise<boolean> {
    return (await tx.write('UPDATE member SET last_active_at = UTC_TIMESTAMP(3) WHERE id = ? AND disabled_at IS NULL', [id])) === 1;
  }

  /** Notes that the member's address has proved to be theirs. */
  async verifyEmail(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE member SET email_verified_at = COALESCE(email_verified_at, UTC_TIMESTAMP(3)) WHERE id = ?', [id]);
  }

  /** Makes every token with the member's rights stale. @throws notFound */
  async updatePermissionVersion(tx: Tx, id: string): Promise<void> {
    if ((await tx.write('UPDATE member SET permission_version = permission_version + 1 WHERE id = ?', [id])) === 0) throw notFound();
  }

  /** @param change what is absent stays as it is */
  async updateRights(tx: Tx, id: string, { role, disabled }: { role?: Role; disabled?: boolean }): Promise<void> {
    if (role !== undefined) await tx.write('UPDATE member SET role = ? WHERE id = ?', [role, id]);
    if (disabled !== undefined) await tx.write(`UPDATE member SET disabled_at = ${disabled ? 'COALESCE(disabled_at, UTC_TIMESTAMP(3))' : 'NULL'} WHERE id = ?`, [id]);
  }

  async findFirstJoining(reader: Reader): Promise<Date | null> {
    const [row] = await reader.rows<{ first: Date | null }>('SELECT MIN(created_at) AS first FROM member');
    return row!.first;
  }

  async countJoined(reader: Reader, { from, to }: Hour): Promise<number> {
    const [row] = await reader.rows<{ n: number }>('SELECT COUNT(*) AS n FROM member WHERE created_at >= ? AND created_at < ?', [from, to]);
    return row!.n;
  }

  /** Notes that these members were active just now, at most once a minute each. */
  async updateLastActive(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.write(
      `UPDATE member SET last_active_at = UTC_TIMESTAMP(3)
       WHERE id IN (?) AND (last_active_at IS NULL OR last_active_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE)`,
      [ids],
    );
  }
}
