import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Reader } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { ConversationAccess } from './conversation-access.service.js';
import type { ConversationDetails, ConversationMember, ConversationMembers } from './conversations.types.js';
import { Inbox } from './inbox.service.js';
import type { Part } from './membership.repository.js';
import { RosterRepository, type RosterRow } from './roster.repository.js';

const LIST = 'chat.members';
/** With a conversation itself; the others are found page by page. */
const MOST_SHOWN = 500;

/** Tells the members of a conversation who is in it. */
@Injectable()
export class Roster {
  constructor(
    private readonly database: Database,
    private readonly access: ConversationAccess,
    private readonly inbox: Inbox,
    private readonly roster: RosterRepository,
    private readonly cursors: Cursors,
  ) {}

  /** A conversation with those who are in it, at most 500. @throws notFound, chatBanned */
  async get(memberId: string, conversationId: string): Promise<ConversationDetails> {
    await this.access.read(memberId, conversationId);
    const conversation = await this.inbox.get(this.database, memberId, conversationId);
    const members = await this.roster.list(this.database, conversationId, { limit: MOST_SHOWN });
    return { ...conversation, members: members.map(shown), memberCount: await this.roster.count(this.database, conversationId) };
  }

  /** Whoever has been in it for longest first. @throws notFound, chatBanned; requestInvalid for a cursor of another list */
  async list(memberId: string, conversationId: string, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<ConversationMember>> {
    // Another conversation is another list.
    const list = `${LIST}.${conversationId}`;
    const [afterSeq] = this.cursors.decode<[number]>(list, cursor) ?? [];
    await this.access.read(memberId, conversationId);
    const found = await this.roster.list(this.database, conversationId, { afterSeq, limit: limit + 1 });
    const { items, nextCursor } = this.cursors.page(list, found, limit, ({ joinedSeq }) => [joinedSeq]);
    return { items: items.map(shown), nextCursor };
  }

  /** These members as they are now, and how many there are in all. */
  async some(reader: Reader, conversationId: string, memberIds: readonly string[]): Promise<ConversationMembers> {
    const members = await this.roster.listByIds(reader, conversationId, memberIds);
    return { members: members.map(shown), memberCount: await this.roster.count(reader, conversationId) };
  }

  /** Somebody who is in it, or has been. @throws notFound */
  async one(reader: Reader, { conversationId, memberId }: Part): Promise<ConversationMember> {
    const [row] = await this.roster.listByIds(reader, conversationId, [memberId]);
    if (row === undefined) throw notFound();
    return shown(row);
  }
}

function shown({ memberId, role, joinedAt, readSeq, deliveredSeq, mutedUntil, bannedUntil }: RosterRow): ConversationMember {
  const until = { mutedUntil: mutedUntil?.toISOString() ?? null, bannedUntil: bannedUntil?.toISOString() ?? null };
  return { memberId, role, joinedAt: joinedAt.toISOString(), readSeq, deliveredSeq, ...until };
}
