import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { PermissionName } from '../../platform/auth/permissions.js';
import type { Entitlement } from './entities/entitlement.js';

/** An entitlement that has not ended, and how long it still lasts by the database's clock. */
export interface LiveEntitlement extends Entitlement {
  remainingMs: number;
}

/** The only SQL on entitlements. To every reader but its owner's copy of their data one that has ended is not there. */
@Injectable()
export class EntitlementRepository {
  /** Those of these members, by permission. */
  async listLive(reader: Reader, memberIds: readonly string[]): Promise<LiveEntitlement[]> {
    if (memberIds.length === 0) return [];
    const rows = await reader.rows<LiveEntitlement>(
      `SELECT e.member_id AS memberId, e.permission, e.until, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), e.until) DIV 1000 AS remainingMs
       FROM entitlement e WHERE e.member_id IN (?) AND e.until > UTC_TIMESTAMP(3) ORDER BY e.member_id, e.permission`,
      [memberIds],
    );
    return rows.map((row) => ({ ...row, remainingMs: Number(row.remainingMs) }));
  }

  /** A member's entitlements by permission, those included that have ended and are still on record. @param after the last permission of the page before */
  listAfter(reader: Reader, memberId: string, { after = '', limit }: { after?: string; limit: number }): Promise<Entitlement[]> {
    return reader.rows<Entitlement>(
      'SELECT member_id AS memberId, permission, until FROM entitlement WHERE member_id = ? AND permission > ? ORDER BY permission LIMIT ?',
      [memberId, after, limit],
    );
  }

  /** Gives, or moves the end of one that was given. */
  async upsert(tx: Tx, { memberId, permission, until }: Entitlement): Promise<void> {
    await tx.write('INSERT INTO entitlement (member_id, permission, until) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE until = ?', [memberId, permission, until, until]);
  }

  async delete(tx: Tx, memberId: string, permission: PermissionName): Promise<void> {
    await tx.write('DELETE FROM entitlement WHERE member_id = ? AND permission = ?', [memberId, permission]);
  }
}
