import { Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** When a vehicle is expected somewhere: the 96 quarter-hours of a UTC day, a bit each. */
@Entity({ name: 'vehicle_day' })
export class VehicleDay {
  @IdPrimaryColumn()
  vehicleId: string;

  @PrimaryColumn({ type: 'date' })
  day: string;

  /** Quarter-hours 0 to 47: bit 0 is midnight. */
  @BigintColumn({ unsigned: true })
  lo: number;

  /** Quarter-hours 48 to 95: bit 0 is noon. */
  @BigintColumn({ unsigned: true })
  hi: number;
}
