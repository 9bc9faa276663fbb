import { Column, Entity, Index, Unique } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { ReportState } from '../moderation/moderation.types.js';

/** A member objects to a message. */
@Entity()
@Unique('uq_chat_report_once', ['messageId', 'reporterId'])
@Index('ix_chat_report_state', ['state', 'id'])
export class ChatReport {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  messageId: string;

  /** Null when they are no member any more. */
  @IdColumn({ nullable: true })
  reporterId: string | null;

  @Column({ type: 'varchar', length: 500 })
  reason: string;

  @AsciiColumn(16)
  state: ReportState;

  @InstantColumn()
  createdAt: Date;

  @InstantColumn({ nullable: true })
  resolvedAt: Date | null;

  @IdColumn({ nullable: true })
  resolvedBy: string | null;
}
