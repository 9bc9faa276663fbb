import { Column, Entity, PrimaryColumn } from 'typeorm';
import { AsciiColumn } from '../../../platform/database/columns.js';

/** What a metric was in an hour. Written once, when the hour was over. */
@Entity()
export class Statistic {
  @AsciiColumn(64, { primary: true })
  metric: string;

  /** The hour's beginning. */
  @PrimaryColumn({ type: 'datetime', precision: 3 })
  hour: Date;

  @Column({ type: 'double' })
  value: number;
}
