import { Column, Entity, Index } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';

/** How many votes were cast in a second. */
@Entity()
export class PollSecond {
  @IdPrimaryColumn()
  pollId: string;

  @Index('ix_poll_second_time')
  @Column({ type: 'datetime', precision: 0, primary: true })
  second: Date;

  @Column({ type: 'int' })
  votes: number;
}
