import { Column, Entity } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';
import type { Choice } from '../poll.types.js';

/** How many ballots say the same. */
@Entity()
export class PollTally {
  @IdPrimaryColumn()
  pollId: string;

  /** SHA-256 of the choice as JSON. */
  @Column({ type: 'binary', length: 32, primary: true })
  choiceHash: Buffer;

  @Column({ type: 'json' })
  choice: Choice;

  @Column({ type: 'int' })
  votes: number;
}
