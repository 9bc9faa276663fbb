import { Column, Entity } from 'typeorm';
import { DateColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** How many exports a member has under way, and how many they ordered on `day`: paid ones (`started`) and free copies. */
@Entity()
export class ExportQuota {
  @IdPrimaryColumn()
  memberId: string;

  /** The community's local date that `started` and `copies` count for. */
  @DateColumn()
  day: string;

  @Column({ type: 'int' })
  started: number;

  @Column({ type: 'int' })
  active: number;

  @Column({ type: 'int', default: 0 })
  copies: number;
}
