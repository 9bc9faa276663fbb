import { Column, Entity, Index } from 'typeorm';
import { AsciiColumn, BigintColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { CancellationTier } from '../parking.types.js';

/** Where spots are, and by which rules they are let. */
@Entity({ name: 'garage' })
@Index('ix_garage_place', ['lat', 'lon'])
@Index('ix_garage_zipcode', ['zipcode'])
export class GarageRow {
  @IdPrimaryColumn()
  id: string;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  @Column({ type: 'varchar', length: 300 })
  address: string;

  @Column({ type: 'varchar', length: 20 })
  zipcode: string;

  @Column({ type: 'double' })
  lat: number;

  @Column({ type: 'double' })
  lon: number;

  /** IANA zone. */
  @AsciiColumn(64)
  timeZone: string;

  /** ISO 4217. */
  @AsciiColumn(3, { type: 'char' })
  currency: string;

  /** How long a spot is kept for who is to pay. */
  @Column({ type: 'int' })
  holdSeconds: number;

  @Column({ type: 'int' })
  maxAdvanceDays: number;

  @Column({ type: 'int' })
  minMinutes: number;

  @Column({ type: 'int' })
  maxMinutes: number;

  /** How early one may come, and how late leave. */
  @Column({ type: 'int' })
  graceMinutes: number;

  /** So long after the start a spot waits for who does not come. */
  @Column({ type: 'int' })
  noShowMinutes: number;

  @Column({ type: 'json' })
  cancellation: CancellationTier[];

  /** The tariff that new prices go by. */
  @Column({ type: 'int' })
  tariffVersion: number;

  /** Counts what became free, so that "full" can be proved: bookings never touch it. */
  @BigintColumn()
  frees: number;

  /** Written by each proof. */
  @BigintColumn()
  fullProofs: number;

  @InstantColumn()
  createdAt: Date;
}
