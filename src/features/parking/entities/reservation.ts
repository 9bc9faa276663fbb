import { Column, Entity, Index } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { CancellationTier, KeptPrice, ReservationStatus, Size } from '../parking.types.js';

/** A spot for a vehicle and a time. */
@Entity({ name: 'reservation' })
@Index('ix_reservation_spot', ['spotId', 'status', 'startsAt'])
@Index('ix_reservation_vehicle', ['vehicleId', 'status', 'startsAt'])
@Index('ix_reservation_member', ['memberId', 'startsAt', 'id'])
@Index('ix_reservation_garage', ['garageId', 'startsAt'])
@Index('ix_reservation_hold', ['holdExpiresAt'])
@Index('ix_reservation_made', ['createdAt'])
@Index('ix_reservation_status', ['status', 'startsAt'])
export class ReservationRow {
  @IdPrimaryColumn()
  id: string;

  /** Of its spot. Without a foreign key: the lock of one would hold up whoever counts in the row of the garage. */
  @IdColumn()
  garageId: string;

  /** Without a foreign key: a new status, which is in an index with it, would lock the row of the spot before its day, and bookings lock them the other way round. */
  @IdColumn()
  spotId: string;

  @IdColumn()
  memberId: string;

  @IdColumn()
  vehicleId: string;

  /** Of the vehicle when it was booked. */
  @AsciiColumn(8)
  size: Size;

  /** That were asked for, with commas between them. */
  @AsciiColumn(40)
  features: string;

  @InstantColumn()
  startsAt: Date;

  @InstantColumn()
  endsAt: Date;

  @AsciiColumn(12)
  status: ReservationStatus;

  /** By the clock of the database: of a hold, or of an extension that is not paid yet. */
  @InstantColumn({ nullable: true })
  holdExpiresAt: Date | null;

  @BigintColumn()
  priceMinor: number;

  @AsciiColumn(3, { type: 'char' })
  currency: string;

  @Column({ type: 'json' })
  quote: KeptPrice;

  @Column({ type: 'int' })
  tariffVersion: number;

  /** Of the garage when it was booked. */
  @Column({ type: 'json' })
  cancellation: CancellationTier[];

  @BigintColumn()
  paidMinor: number;

  @BigintColumn()
  refundedMinor: number;

  /** Until when the spot is kept for a longer stay that is not paid yet. */
  @InstantColumn({ nullable: true })
  extensionEndsAt: Date | null;

  @Column({ type: 'json', nullable: true })
  extensionQuote: KeptPrice | null;

  @InstantColumn({ nullable: true })
  checkedInAt: Date | null;

  @InstantColumn({ nullable: true })
  checkedOutAt: Date | null;

  @InstantColumn({ nullable: true })
  cancelledAt: Date | null;

  @InstantColumn()
  createdAt: Date;

  /** Grows by one with every change. */
  @BigintColumn()
  version: number;
}
