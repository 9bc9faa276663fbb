import { Column, Entity, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { ConversationKind, Posting } from '../chat.types.js';

/** A conversation, and the numbers of its log: whoever adds to the log writes this row first. */
@Entity()
@Unique('uq_chat_conversation_dm', ['dmKey'])
export class ChatConversation {
  @IdPrimaryColumn()
  id: string;

  @AsciiColumn(16)
  kind: ConversationKind;

  @Column({ type: 'varchar', length: 200, nullable: true })
  title: string | null;

  /** The ids of the two, the lower one first: a pair has one conversation. Null where more may take part. */
  @AsciiColumn(73, { nullable: true })
  dmKey: string | null;

  /** Grows when the log begins anew, e.g. out of a backup: what clients have of it is then worth nothing. */
  @Column({ type: 'int' })
  epoch: number;

  /** The first event that is still kept. */
  @BigintColumn()
  firstSeq: number;

  /** The last event. */
  @BigintColumn()
  lastSeq: number;

  /** The last message. */
  @BigintColumn()
  lastNo: number;

  @Column({ type: 'int' })
  slowModeSeconds: number;

  /** Who may send. */
  @AsciiColumn(16)
  posting: Posting;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @InstantColumn()
  createdAt: Date;

  /** Of its last message, or of its making. */
  @InstantColumn()
  activeAt: Date;

  @InstantColumn({ nullable: true })
  archivedAt: Date | null;
}
