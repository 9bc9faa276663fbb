import { Injectable } from '@nestjs/common';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import { Conditions } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { Identity } from '../entities/identity.js';
import { identityLinked } from '../members.errors.js';
import type { Vouched } from './oidc.types.js';

type Account = Pick<Vouched, 'provider' | 'subject'>;

/** The only SQL on identities. */
@Injectable()
export class IdentityRepository {
  /** The member to whom an account at a provider belongs. */
  async findMemberId(reader: Reader, { provider, subject }: Account): Promise<string | undefined> {
    const [identity] = await reader.rows<{ memberId: string }>('SELECT member_id AS memberId FROM identity WHERE provider = ? AND subject = ?', [provider, subject]);
    return identity?.memberId;
  }

  /** A member's accounts in the order of their names. @param after the last one of the page before */
  listAfter(reader: Reader, memberId: string, { after = { provider: '', subject: '' }, limit }: { after?: Account; limit: number }): Promise<Identity[]> {
    return reader.rows<Identity>(
      `SELECT provider, subject, member_id AS memberId, created_at AS createdAt FROM identity
       WHERE member_id = ? AND (provider > ? OR (provider = ? AND subject > ?)) ORDER BY provider, subject LIMIT ?`,
      [memberId, after.provider, after.provider, after.subject, limit],
    );
  }

  /** @throws identityLinked when the account belongs to a member already */
  async insert(tx: Tx, { provider, subject }: Account, memberId: string): Promise<void> {
    try {
      await tx.write('INSERT INTO identity (provider, subject, member_id, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))', [provider, subject, memberId]);
    } catch (error) {
      throw isDuplicate(error, 'PRIMARY') ? identityLinked() : error;
    }
  }

  /** Forgets a member's accounts: those at one provider, or all. @returns how many there were */
  delete(tx: Tx, memberId: string, provider?: string): Promise<number> {
    const where = new Conditions().and('member_id = ?', memberId);
    if (provider !== undefined) where.and('provider = ?', provider);
    return tx.write(`DELETE FROM identity ${where.sql}`, where.values);
  }
}
