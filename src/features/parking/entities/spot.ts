import { Column, Entity, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { Size } from '../parking.types.js';

/** A place for one vehicle. */
@Entity({ name: 'spot' })
@Unique('uq_spot_label', ['garageId', 'label'])
export class SpotRow {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  garageId: string;

  @Column({ type: 'varchar', length: 40 })
  label: string;

  @AsciiColumn(8)
  size: Size;

  /** With commas between them. */
  @AsciiColumn(40)
  features: string;

  @Column({ type: 'int' })
  ord: number;

  @InstantColumn()
  activeFrom: Date;

  @InstantColumn({ nullable: true })
  activeTo: Date | null;

  /** Written by each booking and by retiring, so that one of the two sees the other. */
  @BigintColumn()
  bookings: number;

  @InstantColumn()
  createdAt: Date;
}
