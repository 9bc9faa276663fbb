import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { Vouched } from './oidc.types.js';

const SECONDS = {
  /** From the provider's word to the app's first request. */
  'sign-in': 60,
  /** To remember a password. */
  link: 600,
} as const;

export type CodePurpose = keyof typeof SECONDS;

const ALIVE = 'code_hash = ? AND purpose = ? AND expires_at > UTC_TIMESTAMP(3)';

/** The only SQL on sign-in codes. */
@Injectable()
export class SignInCodeRepository {
  async insert(tx: Tx, purpose: CodePurpose, codeHash: Buffer, { provider, subject, email, displayName }: Vouched): Promise<void> {
    await tx.write(
      `INSERT INTO sign_in_code (code_hash, purpose, provider, subject, email, display_name, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL ${SECONDS[purpose]} SECOND)`,
      [codeHash, purpose, provider, subject, email, displayName],
    );
  }

  async find(reader: Reader, purpose: CodePurpose, codeHash: Buffer): Promise<Vouched | undefined> {
    const [vouched] = await reader.rows<Vouched>(`SELECT provider, subject, email, display_name AS displayName FROM sign_in_code WHERE ${ALIVE}`, [codeHash, purpose]);
    return vouched;
  }

  /** Removes a code that can still be used; of parallel calls exactly one gets true. */
  async delete(tx: Tx, purpose: CodePurpose, codeHash: Buffer): Promise<boolean> {
    return (await tx.write(`DELETE FROM sign_in_code WHERE ${ALIVE}`, [codeHash, purpose])) === 1;
  }

  /** Removes codes that nobody used in time. @returns how many */
  deleteExpired(tx: Tx, limit: number): Promise<number> {
    return tx.write(`DELETE FROM sign_in_code WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT ${limit}`);
  }
}
