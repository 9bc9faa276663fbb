import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Reader } from '../../../platform/database/transactions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { MembersService } from '../../members/index.js';
import { BlockRepository } from './block.repository.js';
import type { Block } from './conversations.types.js';

const LIST = 'chat.blocks';

/** Whom members do not want to hear of: no dm passes between them, and nothing of theirs counts as unread. */
@Injectable()
export class Blocks {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly members: MembersService,
    private readonly blocks: BlockRepository,
    private readonly audit: Audit,
    private readonly cursors: Cursors,
  ) {}

  /** Again it changes nothing. @throws notFound; requestInvalid for oneself */
  add(memberId: string, blockedId: string): Promise<void> {
    if (memberId === blockedId) throw requestInvalid({ errors: [{ path: 'memberId', message: 'nobody blocks themselves' }] });
    return this.transactions.run(async (tx) => {
      await this.confirmMember(tx, blockedId);
      if (await this.blocks.insert(tx, memberId, blockedId)) await this.audit.record(tx, { actorId: memberId, action: 'member.blocked', subjectType: 'member', subjectId: blockedId });
    });
  }

  /** Again it changes nothing. @throws notFound */
  remove(memberId: string, blockedId: string): Promise<void> {
    return this.transactions.run(async (tx) => {
      await this.confirmMember(tx, blockedId);
      if (await this.blocks.delete(tx, memberId, blockedId)) await this.audit.record(tx, { actorId: memberId, action: 'member.unblocked', subjectType: 'member', subjectId: blockedId });
    });
  }

  /** The latest first. @throws requestInvalid for a cursor of another list */
  async list(memberId: string, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<Block>> {
    const [at, blockedId] = this.cursors.decode<[string, string]>(LIST, cursor) ?? [];
    const after = at === undefined || blockedId === undefined ? undefined : { at: new Date(at), memberId: blockedId };
    const found = await this.blocks.list(this.database, memberId, { after, limit: limit + 1 });
    const { items, nextCursor } = this.cursors.page(LIST, found, limit, (row) => [row.at.toISOString(), row.memberId]);
    return { items: items.map((row) => ({ memberId: row.memberId, at: row.at.toISOString() })), nextCursor };
  }

  private async confirmMember(reader: Reader, memberId: string): Promise<void> {
    if ((await this.members.unknownAmong(reader, [memberId])).length > 0) throw notFound();
  }
}
