import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import type { Vouched } from './oidc.types.js';
import { hashOf } from '../secrets.rules.js';
import { SignInCodeRepository, type CodePurpose } from './sign-in-code.repository.js';

/** One-use codes that stand for what a provider vouched for. Only their hashes are kept. */
@Injectable()
export class SignInCodes {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly codes: SignInCodeRepository,
  ) {}

  async issue(tx: Tx, purpose: CodePurpose, vouched: Vouched): Promise<string> {
    const code = randomBytes(32).toString('base64url');
    await this.codes.insert(tx, purpose, hashOf(code), vouched);
    return code;
  }

  /** What a code stands for, without using it. */
  find(purpose: CodePurpose, code: string): Promise<Vouched | undefined> {
    return this.codes.find(this.database, purpose, hashOf(code));
  }

  /** Uses a code up. @returns undefined for all but the first who does so in time */
  async use(tx: Tx, purpose: CodePurpose, code: string): Promise<Vouched | undefined> {
    const vouched = await this.codes.find(tx, purpose, hashOf(code));
    return (await this.codes.delete(tx, purpose, hashOf(code))) ? vouched : undefined;
  }

  /** Tidies codes that nobody used in time; they are already dead to every reader. */
  async deleteExpired(): Promise<void> {
    await this.transactions.runInParts((tx, limit) => this.codes.deleteExpired(tx, limit));
  }
}
