import { Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../../../platform/database/columns.js';

/** The one row that numbers the changes of memes, in the order of their commits. */
@Entity()
export class MemeFeed {
  @PrimaryColumn({ type: 'tinyint' })
  id: number;

  @BigintColumn()
  seq: number;
}
