import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { Identity } from '../entities/identity.js';
import { IdentityRepository } from './identity.repository.js';

/** More than anybody links. */
const MOST = 100;

/** The accounts elsewhere with which a member signs in. */
@Injectable()
export class Identities {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly identities: IdentityRepository,
  ) {}

  /** By the names of their providers. */
  list(memberId: string): Promise<Identity[]> {
    return this.identities.listAfter(this.database, memberId, { limit: MOST });
  }

  /** Sessions that began with it go on. @throws notFound when none of that provider is linked */
  async unlink(memberId: string, provider: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      if ((await this.identities.delete(tx, memberId, provider)) === 0) throw notFound();
    });
  }
}
