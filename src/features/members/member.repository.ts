import { Injectable } from '@nestjs/common';
import { Brackets } from 'typeorm';
import type { Role } from '../../platform/auth/permissions.js';
import { Database } from '../../platform/database/database.js';
import { isDuplicate } from '../../platform/database/sql-errors.js';
import type { Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Member } from './entities/member.js';
import { emailTaken } from './members.errors.js';

export interface NewMember {
  id: string;
  email: string;
  displayName: string;
  passwordHash: string | null;
  role: Role;
}

@Injectable()
export class MemberRepository {
  constructor(private readonly database: Database) {}

  /** @throws emailTaken */
  async insert(tx: Tx, member: NewMember): Promise<void> {
    try {
      await tx.write(
        `INSERT INTO member (id, email, display_name, password_hash, role, permission_version, created_at)
         VALUES (?, ?, ?, ?, ?, 1, UTC_TIMESTAMP(3))`,
        [member.id, member.email, member.displayName, member.passwordHash, member.role],
      );
    } catch (error) {
      throw isDuplicate(error, 'uq_member_email') ? emailTaken() : error;
    }
  }

  /** @param tx to see what this transaction has written @throws notFound */
  async get(id: string, tx?: Tx): Promise<Member> {
    const member = await (tx ?? this.database).manager.findOneBy(Member, { id });
    if (member === null) throw notFound();
    return member;
  }

  findByEmail(email: string): Promise<Member | null> {
    return this.database.manager.findOneBy(Member, { email });
  }

  /** Those of the ids that exist, in no particular order. One statement: `/api/me` asks for many at once under load. */
  listByIds(ids: readonly string[]): Promise<Member[]> {
    return this.database.rows<Member>(
      `SELECT id, email, email_verified_at AS emailVerifiedAt, display_name AS displayName, password_hash AS passwordHash, role,
              permission_version AS permissionVersion, last_active_at AS lastActiveAt, created_at AS createdAt, disabled_at AS disabledAt
       FROM member WHERE id IN (?)`,
      [ids],
    );
  }

  async isEmpty(): Promise<boolean> {
    return (await this.database.rows('SELECT 1 FROM member LIMIT 1')).length === 0;
  }

  /** Members who can sign in, by name, for the directory. */
  listDirectory(query: string | undefined, after: { displayName: string; id: string } | undefined, limit: number): Promise<Member[]> {
    const list = this.database.manager
      .createQueryBuilder(Member, 'member')
      .where('member.disabledAt IS NULL')
      .orderBy('member.displayName')
      .addOrderBy('member.id')
      .limit(limit);
    if (query !== undefined) list.andWhere('member.displayName LIKE :name', { name: `%${escapeLike(query)}%` });
    if (after !== undefined) {
      list.andWhere(
        new Brackets((seek) => seek.where('member.displayName > :displayName', after).orWhere('member.displayName = :displayName AND member.id > :id', after)),
      );
    }
    return list.getMany();
  }

  /** Every member, newest first, for admins; `query` looks in names and addresses. */
  list(query: string | undefined, afterId: string | undefined, limit: number): Promise<Member[]> {
    const list = this.database.manager.createQueryBuilder(Member, 'member').orderBy('member.id', 'DESC').limit(limit);
    if (query !== undefined) list.andWhere('(member.displayName LIKE :text OR member.email LIKE :text)', { text: `%${escapeLike(query)}%` });
    if (afterId !== undefined) list.andWhere('member.id < :afterId', { afterId });
    return list.getMany();
  }

  async updateDisplayName(tx: Tx, id: string, displayName: string): Promise<void> {
    await tx.write('UPDATE member SET display_name = ? WHERE id = ?', [displayName, id]);
  }

  /** Swaps the hash if `from` still is the current one; of parallel changes exactly one gets true. */
  async updatePassword(tx: Tx, id: string, from: string, to: string): Promise<boolean> {
    return (await tx.write('UPDATE member SET password_hash = ? WHERE id = ? AND password_hash = ?', [to, id, from])) === 1;
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

  /** @throws notFound */
  async updateRights(tx: Tx, id: string, change: { role?: Role; disabled?: boolean }): Promise<void> {
    const sets = ['permission_version = permission_version + 1'];
    const values: unknown[] = [];
    if (change.role !== undefined) {
      sets.push('role = ?');
      values.push(change.role);
    }
    if (change.disabled !== undefined) sets.push(`disabled_at = ${change.disabled ? 'COALESCE(disabled_at, UTC_TIMESTAMP(3))' : 'NULL'}`);
    if ((await tx.write(`UPDATE member SET ${sets.join(', ')} WHERE id = ?`, [...values, id])) === 0) throw notFound();
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

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
