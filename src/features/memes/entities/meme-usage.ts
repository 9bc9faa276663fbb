import { Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** How often a member called on a day of the community, through each of their API tokens and through sessions. */
@Entity()
export class MemeUsage {
  @IdPrimaryColumn()
  memberId: string;

  /** Empty for sessions. */
  @PrimaryColumn({ type: 'varchar', length: 36, charset: 'ascii', collation: 'ascii_bin' })
  tokenId: string;

  @PrimaryColumn({ type: 'date' })
  day: string;

  @BigintColumn()
  calls: number;

  /** How many of them were paid. */
  @BigintColumn()
  charged: number;

  @InstantColumn()
  lastCallAt: Date;
}
