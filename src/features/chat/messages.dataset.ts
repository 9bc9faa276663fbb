import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import type { Reader, Snapshot } from '../../platform/database/transactions.js';
import type { Dataset, DatasetColumn, DatasetFilter, DatasetRequest, Row } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { keysetPages } from '../../platform/datasets/keyset-pages.js';
import type { ChatMessage } from './chat.types.js';
import { ConversationRepository } from './conversations/conversation.repository.js';
import { MessageCountRepository } from './messages/message-count.repository.js';
import { MessageRepository } from './messages/message.repository.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The messages of all conversations that a member may read. */
@Injectable()
export class MessagesDataset implements Dataset, OnModuleInit {
  readonly name = 'messages';
  readonly personal = true;

  readonly columns: readonly DatasetColumn[] = [
    { name: 'conversationId', type: 'string' },
    { name: 'no', type: 'integer' },
    { name: 'id', type: 'string' },
    { name: 'senderId', type: 'string' },
    { name: 'text', type: 'string' },
    { name: 'createdAt', type: 'instant' },
    { name: 'editedAt', type: 'instant' },
    { name: 'deleted', type: 'boolean' },
    { name: 'replyTo', type: 'string' },
    { name: 'threadRoot', type: 'string' },
  ];

  readonly filters: readonly DatasetFilter[] = [
    { name: 'conversationId', type: 'string', description: 'only messages of this conversation', faultOf: (value) => (UUID.test(value) ? undefined : 'must be the id of a conversation') },
  ];

  constructor(
    private readonly datasets: Datasets,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly counts: MessageCountRepository,
  ) {}

  onModuleInit(): void {
    this.datasets.register(this);
  }

  mayRead(permissions: PermissionSet): boolean {
    return permissions.has(Permission.ChatRead);
  }

  async count(snapshot: Snapshot, request: DatasetRequest): Promise<number> {
    return this.counts.countIn(snapshot, await this.readable(snapshot, request));
  }

  async *pages(snapshot: Snapshot, request: DatasetRequest, pageSize: number): AsyncIterable<readonly Row[]> {
    for (const conversationId of await this.readable(snapshot, request)) {
      yield* keysetPages({
        pageSize,
        list: (after: number = 0) => this.messages.list(snapshot, conversationId, { after }, pageSize),
        keyOf: ({ no }) => no,
        rowOf,
      });
    }
  }

  /** The conversations in the order of their ids. */
  private async readable(reader: Reader, { memberId, filters }: DatasetRequest): Promise<string[]> {
    const ids = (await this.conversations.listHeadsOf(reader, memberId)).map(({ conversationId }) => conversationId).sort();
    const only = filters['conversationId'];
    return typeof only === 'string' ? ids.filter((id) => id === only.toLowerCase()) : ids;
  }
}

function rowOf({ conversationId, no, id, senderId, text, createdAt, editedAt, deleted, replyTo, threadRoot }: ChatMessage): Row {
  return { conversationId, no, id, senderId, text, createdAt: new Date(createdAt), editedAt: editedAt === null ? null : new Date(editedAt), deleted, replyTo, threadRoot };
}
