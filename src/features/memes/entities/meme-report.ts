import { Column, Entity } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A member objects to a meme. */
@Entity()
export class MemeReport {
  @IdPrimaryColumn()
  memeId: string;

  @IdPrimaryColumn()
  memberId: string;

  @Column({ type: 'varchar', length: 500 })
  reason: string;

  @InstantColumn()
  createdAt: Date;
}
