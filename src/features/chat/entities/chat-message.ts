import { Column, Entity, Unique } from 'typeorm';
import { BigintColumn, BigintPrimaryColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A message as it is now. The id that the sender made up makes a message that is sent twice one message. */
@Entity('chat_message')
@Unique('uq_chat_message_id', ['id'])
@Unique('uq_chat_message_client', ['conversationId', 'senderId', 'clientId'])
export class ChatMessageRow {
  @IdPrimaryColumn()
  conversationId: string;

  /** Counts the messages of the conversation, from 1. */
  @BigintPrimaryColumn()
  no: number;

  @IdColumn()
  id: string;

  /** The event of its sending. */
  @BigintColumn()
  seq: number;

  @IdColumn()
  senderId: string;

  @IdColumn()
  clientId: string;

  /** Null without a text, and once deleted. */
  @Column({ type: 'text', nullable: true })
  body: string | null;

  /** Of all that was sent, to tell a repetition from another message under the same id. Null once deleted, for short texts could be guessed. */
  @Column({ type: 'binary', length: 32, nullable: true })
  bodyHash: Buffer | null;

  @IdColumn({ nullable: true })
  replyTo: string | null;

  @IdColumn({ nullable: true })
  threadRoot: string | null;

  @InstantColumn()
  createdAt: Date;

  @InstantColumn({ nullable: true })
  editedAt: Date | null;

  /** 1, and one more with each edit. */
  @Column({ type: 'int' })
  version: number;

  @InstantColumn({ nullable: true })
  deletedAt: Date | null;
}
