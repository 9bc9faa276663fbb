import { Column, Entity } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';

/** What can be voted for. */
@Entity()
export class PollCandidate {
  @IdPrimaryColumn()
  pollId: string;

  @IdPrimaryColumn()
  id: string;

  @Column({ type: 'int' })
  position: number;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  @Column({ type: 'text', nullable: true })
  description: string | null;

  @Column({ type: 'tinyint' })
  withdrawn: 0 | 1;
}
