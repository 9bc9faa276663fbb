import { Injectable } from '@nestjs/common';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { AccountRepository } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import type { AccountOwner } from './credits.rules.js';
import type { CreditEntry, EntryKind } from './entities/credit-entry.js';

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
    private readonly touch: AccountTouch,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Newest first.
   *
   * @throws notFound when the owner has no account; requestInvalid for a cursor that is not ours
   */
  async list(owner: AccountOwner, { limit, cursor, kind }: EntryListing): Promise<Page<CreditEntry>> {
    const beforeSeq = cursor === undefined ? undefined : Number(this.cursors.decode(cursor, 1)[0]);
    const { id } = await this.touch.current(owner);
    const found = await this.accounts.listEntries(id, { beforeSeq, limit: limit + 1, kind });
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? this.cursors.encode([items.at(-1)!.seq]) : null };
  }
}
