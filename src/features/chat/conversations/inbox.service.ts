import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Reader } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { MessageRepository } from '../messages/message.repository.js';
import type { Conversation } from './conversations.types.js';
import { InboxRepository, type InboxRow } from './inbox.repository.js';

const LIST = 'chat.conversations';

/** A member's conversations, and what is unread in them. */
@Injectable()
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly inbox: InboxRepository,
    private readonly messages: MessageRepository,
    private readonly cursors: Cursors,
  ) {}

  /** The one with the newest message first. @throws requestInvalid for a cursor of another list */
  async list(memberId: string, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<Conversation>> {
    const [activeAt, id] = this.cursors.decode<[string, string]>(LIST, cursor) ?? [];
    const after = activeAt === undefined || id === undefined ? undefined : { activeAt: new Date(activeAt), id };
    const found = await this.inbox.list(this.database, memberId, { after, limit: limit + 1 });
    const { items, nextCursor } = this.cursors.page(LIST, found, limit, (row) => [row.activeAt.toISOString(), row.id]);
    return { items: await this.shown(this.database, memberId, items), nextCursor };
  }

  /** @throws notFound for who may not read it */
  async get(reader: Reader, memberId: string, id: string): Promise<Conversation> {
    const [conversation] = await this.shown(reader, memberId, await this.inbox.list(reader, memberId, { id, limit: 1 }));
    if (conversation === undefined) throw notFound();
    return conversation;
  }

  private async shown(reader: Reader, memberId: string, rows: readonly InboxRow[]): Promise<Conversation[]> {
    const ids = rows.map(({ id }) => id);
    const unread = await this.inbox.countUnread(reader, memberId, ids);
    const peers = await this.inbox.listPeers(reader, memberId, rows.filter(({ kind }) => kind === 'dm').map(({ id }) => id));
    const last = new Map((await this.messages.listLast(reader, rows.filter(({ lastNo }) => lastNo > 0))).map((message) => [message.conversationId, message]));
    return rows.map(({ id, readSeq, activeAt: _, createdAt, archivedAt, mutedUntil, ...row }) => ({
      ...row, id, createdAt: createdAt.toISOString(), archivedAt: archivedAt?.toISOString() ?? null, mutedUntil: mutedUntil?.toISOString() ?? null,
      peerId: peers.get(id) ?? null, ...(unread.get(id) ?? { unread: 0, mentions: 0 }), myReadSeq: readSeq, lastMessage: last.get(id) ?? null,
    }));
  }
}
