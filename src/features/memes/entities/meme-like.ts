import { Entity } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A member likes a meme. */
@Entity()
export class MemeLike {
  @IdPrimaryColumn()
  memeId: string;

  @IdPrimaryColumn()
  memberId: string;

  @InstantColumn()
  createdAt: Date;
}
