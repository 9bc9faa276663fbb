import { Column, Entity } from 'typeorm';
import { BigintColumn } from '../database/columns.js';

/** Number and hash of the last entry, in the one row with id 1. */
@Entity()
export class AuditHead {
  @Column({ type: 'int', primary: true })
  id: number;

  @BigintColumn()
  seq: number;

  @Column({ type: 'binary', length: 32 })
  hash: Buffer;
}
