import { Column, Entity, PrimaryColumn } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { TariffElement } from '../parking.types.js';

/** The prices of a garage, as of one version: a version never changes. */
@Entity({ name: 'tariff' })
export class Tariff {
  @IdPrimaryColumn()
  garageId: string;

  @PrimaryColumn({ type: 'int' })
  version: number;

  @Column({ type: 'json' })
  elements: TariffElement[];

  @InstantColumn()
  createdAt: Date;
}
