import { Column, Entity, Index, Unique } from 'typeorm';
import { BigintColumn, IdColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';
import { Leased } from '../../../platform/jobs/leased.entity.js';

/** A notification that is to be sent: a browser has one of a conversation, of its newest message. */
@Entity()
@Unique('uq_push_outbox_topic', ['subscriptionId', 'conversationId'])
@Unique('uq_push_outbox_lease', ['leaseToken'])
@Index('ix_push_outbox_run', ['runAt', 'id'])
export class PushOutbox extends Leased {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  subscriptionId: string;

  @IdColumn()
  conversationId: string;

  /** The message. */
  @BigintColumn()
  no: number;

  /** How often it was begun to be sent. */
  @Column({ type: 'int' })
  attempts: number;
}
