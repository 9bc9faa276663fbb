import { Entity, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns.js';

const NAME = { type: 'varchar', length: 64, charset: 'ascii', collation: 'ascii_bin' } as const;

/** That a task was begun, and perhaps finished, for a period such as a local date. */
@Entity()
export class TaskRun {
  @PrimaryColumn(NAME)
  task: string;

  @PrimaryColumn(NAME)
  period: string;

  @InstantColumn()
  startedAt: Date;

  @InstantColumn({ nullable: true })
  finishedAt: Date | null;
}
