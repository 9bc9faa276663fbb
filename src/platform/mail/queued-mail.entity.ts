import { Column, Entity, Index, Unique } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../database/columns.js';
import { Leased } from '../jobs/leased.entity.js';

/** A mail that is still to be sent, and the lease of whoever is sending it. */
@Entity()
@Unique('uq_queued_mail_lease', ['leaseToken'])
@Index('ix_queued_mail_run', ['runAt', 'id'])
export class QueuedMail extends Leased {
  @IdPrimaryColumn()
  id: string;

  /** Address, subject and text, encrypted: a mail may carry the key to an account. */
  @Column({ type: 'blob' })
  sealed: Buffer;

  /** How often it was begun to be sent. */
  @Column({ type: 'int' })
  attempts: number;

  @InstantColumn()
  createdAt: Date;
}
