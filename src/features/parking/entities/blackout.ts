import { Column, Entity, Index } from 'typeorm';
import { IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A time at which nobody parks: on one spot, or in the whole garage. */
@Entity({ name: 'blackout' })
@Index('ix_blackout_garage', ['garageId', 'startsAt'])
export class Blackout {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  garageId: string;

  @IdColumn({ nullable: true })
  spotId: string | null;

  @InstantColumn()
  startsAt: Date;

  @InstantColumn()
  endsAt: Date;

  @Column({ type: 'varchar', length: 300 })
  reason: string;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @InstantColumn()
  createdAt: Date;
}
