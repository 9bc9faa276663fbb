import { Entity, Index, PrimaryColumn } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';

/** That a member was active in an hour. */
@Entity()
@Index('ix_member_activity_member', ['memberId'])
export class MemberActivity {
  /** The hour's beginning. */
  @PrimaryColumn({ type: 'datetime', precision: 3 })
  hour: Date;

  @IdPrimaryColumn()
  memberId: string;
}
