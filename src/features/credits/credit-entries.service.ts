import { Injectable } from '@nestjs/common';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { AccountRepository } from './account.repository.js';
import { CreditBalances } from './credit-balances.service.js';
import type { AccountOwner } from './credits.rules.js';
import type { CreditEntry, EntryKind } from './entities/credit-entry.js';

const LIST = 'credits.entries';

export interface EntryListing {
  readonly limit: number;
  readonly cursor?: string;
  readonly kind?: EntryKind;
}

/** An owner's book, page by page. */
@Injectable()
export class CreditEntries {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly balances: CreditBalances,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Newest first.
   *
   * @throws notFound when the owner has no account; requestInvalid for a cursor that is not ours
   */
  async list(owner: AccountOwner, { limit, cursor, kind }: EntryListing): Promise<Page<CreditEntry>> {
    const [beforeSeq] = this.cursors.decode<[number]>(LIST, cursor) ?? [];
    const { id } = await this.balances.account(owner);
    const found = await this.accounts.listEntries(id, { beforeSeq, limit: limit + 1, kind });
    return this.cursors.page(LIST, found, limit, ({ seq }) => [seq]);
  }
}
