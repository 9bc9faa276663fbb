import { Column, Entity, Index, Unique } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../database/columns.js';
import { Leased } from '../../jobs/leased.entity.js';

/** A webhook of the sandbox that is still to be delivered, and the lease of whoever is at it. */
@Entity()
@Unique('uq_sandbox_webhook_lease', ['leaseToken'])
@Index('ix_sandbox_webhook_run', ['runAt', 'id'])
export class SandboxWebhook extends Leased {
  @IdPrimaryColumn()
  id: string;

  /** JSON, as it is sent. */
  @Column({ type: 'varchar', length: 1000 })
  body: string;

  /** How often it was begun to be sent. */
  @Column({ type: 'int' })
  attempts: number;

  /** When it was to come first. */
  @InstantColumn()
  dueAt: Date;
}
