import { Entity } from 'typeorm';
import { AsciiColumn, InstantColumn } from '../database/columns.js';

/** That a task was begun, and perhaps finished, for a period such as a local date. */
@Entity()
export class TaskRun {
  @AsciiColumn(64, { primary: true })
  task: string;

  @AsciiColumn(64, { primary: true })
  period: string;

  @InstantColumn()
  startedAt: Date;

  @InstantColumn({ nullable: true })
  finishedAt: Date | null;
}
