import { Column, Entity } from 'typeorm';
import { AsciiColumn, BigintPrimaryColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { EventPayload, EventType } from '../chat.types.js';

/** What happened in a conversation, numbered without a gap. It holds no text: who reads it is shown the message as it is now. */
@Entity('chat_event')
export class ChatEventRow {
  @IdPrimaryColumn()
  conversationId: string;

  @BigintPrimaryColumn()
  seq: number;

  @AsciiColumn(32)
  type: EventType;

  @IdColumn({ nullable: true })
  actorId: string | null;

  @IdColumn({ nullable: true })
  messageId: string | null;

  @Column({ type: 'json', nullable: true })
  payload: EventPayload | null;

  @InstantColumn()
  at: Date;
}
