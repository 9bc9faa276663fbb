import { Entity, Index } from 'typeorm';
import { AsciiColumn, BigintColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { ConversationRole, Notify } from '../chat.types.js';

/** Who takes part in a conversation, how far they have read, and what they may do. Whoever has left stays on record. */
@Entity()
@Index('ix_chat_member_of', ['memberId', 'conversationId'])
@Index('ix_chat_member_joined', ['joinedAt'])
export class ChatMember {
  @IdPrimaryColumn()
  conversationId: string;

  @IdPrimaryColumn()
  memberId: string;

  @AsciiColumn(16)
  role: ConversationRole;

  /** The event of joining: messages before it can be read, but are not unread. */
  @BigintColumn()
  joinedSeq: number;

  @InstantColumn()
  joinedAt: Date;

  /** The event of leaving; null for whoever is in. */
  @BigintColumn({ nullable: true })
  leftSeq: number | null;

  @BigintColumn()
  readSeq: number;

  /** The last message up to `readSeq`. */
  @BigintColumn()
  readNo: number;

  @BigintColumn()
  deliveredSeq: number;

  @InstantColumn({ nullable: true })
  lastSentAt: Date | null;

  /** Reads, and may not send. */
  @InstantColumn({ nullable: true })
  mutedUntil: Date | null;

  /** Neither reads nor sends. */
  @InstantColumn({ nullable: true })
  bannedUntil: Date | null;

  @AsciiColumn(16)
  notify: Notify;
}
