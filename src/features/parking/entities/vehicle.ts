import { Column, Entity, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { Size } from '../parking.types.js';

/** What a member parks. */
@Entity({ name: 'vehicle' })
@Unique('uq_vehicle_license', ['memberId', 'country', 'licenseNormalised', 'isCurrent'])
@Unique('uq_vehicle_slot', ['memberId', 'slot'])
export class VehicleRow {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  memberId: string;

  /** As the member writes it. */
  @Column({ type: 'varchar', length: 20 })
  license: string;

  /** Its letters and digits alone, upper case. */
  @Column({ type: 'varchar', length: 20, charset: 'utf8mb4', collation: 'utf8mb4_bin' })
  licenseNormalised: string;

  /** ISO 3166-1 alpha-2. */
  @AsciiColumn(2, { type: 'char' })
  country: string;

  @AsciiColumn(8)
  size: Size;

  /** 1, or null once it was deleted: then the licence may be entered again. */
  @Column({ type: 'tinyint', nullable: true })
  isCurrent: 1 | null;

  /** Which of the places it has that a member may fill; null once it was deleted. */
  @Column({ type: 'tinyint', nullable: true })
  slot: number | null;

  /** Written by each booking and by deleting, so that one of the two sees the other. */
  @BigintColumn()
  bookings: number;

  @InstantColumn()
  createdAt: Date;
}
