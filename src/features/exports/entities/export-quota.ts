import { Column, Entity } from 'typeorm';
import { DateColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** How many exports a member has under way, and how many they ordered on `day`. */
@Entity()
export class ExportQuota {
  @IdPrimaryColumn()
  memberId: string;

  /** The community's local date that `started` counts for. */
  @DateColumn()
  day: string;

  @Column({ type: 'int' })
  started: number;

  @Column({ type: 'int' })
  active: number;
}
