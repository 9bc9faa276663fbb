import { Entity } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** Whom a member does not want to hear of. */
@Entity()
export class ChatBlock {
  @IdPrimaryColumn()
  memberId: string;

  @IdPrimaryColumn()
  blockedId: string;

  @InstantColumn()
  at: Date;
}
