import { Column, Entity, Index, Unique } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { WaitlistStatus } from '../waitlist/waitlist.types.js';

/** Who waits for a time at which a garage was full. */
@Entity({ name: 'waitlist' })
@Unique('uq_waitlist_wish', ['garageId', 'vehicleId', 'startsAt', 'endsAt', 'isWaiting'])
@Index('ix_waitlist_turn', ['garageId', 'isWaiting', 'createdAt', 'id'])
@Index('ix_waitlist_member', ['memberId', 'id'])
export class WaitlistRow {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  garageId: string;

  @IdColumn()
  memberId: string;

  @IdColumn()
  vehicleId: string;

  @InstantColumn()
  startsAt: Date;

  @InstantColumn()
  endsAt: Date;

  /** Whether accessible spots are for them. */
  @Column({ type: 'tinyint' })
  isEntitled: 0 | 1;

  @AsciiColumn(12)
  status: WaitlistStatus;

  /** 1 while it waits. */
  @Column({ type: 'tinyint', nullable: true })
  isWaiting: 1 | null;

  /** The hold that it was offered. */
  @IdColumn({ nullable: true })
  reservationId: string | null;

  @InstantColumn()
  createdAt: Date;
}
