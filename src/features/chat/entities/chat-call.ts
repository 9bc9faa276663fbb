import { Column, Entity, Index, Unique } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { CallMedia, CallState } from '../calls/calls.types.js';

/** The one call of a conversation: the last one, once it is over. Whoever changes it writes this row first. */
@Entity()
@Unique('uq_chat_call_id', ['id'])
@Index('ix_chat_call_state', ['state'])
export class ChatCall {
  @IdPrimaryColumn()
  conversationId: string;

  @IdColumn()
  id: string;

  @IdColumn()
  callerId: string;

  @AsciiColumn(16)
  media: CallMedia;

  /** As it was last written: time may have ended it since. */
  @AsciiColumn(16)
  state: CallState;

  /** Grows with every change, also from one call to the next. */
  @Column({ type: 'int' })
  version: number;

  @InstantColumn()
  startedAt: Date;

  /** Nobody has accepted it by then: it is over. */
  @InstantColumn()
  ringsUntil: Date;
}
