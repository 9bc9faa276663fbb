import { Column, Entity, Unique } from 'typeorm';
import { IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A ballot that counts. What is on it stands in the tally, under the same hash. */
@Entity()
@Unique('uq_poll_ballot_voter', ['pollId', 'voterId'])
export class PollBallot {
  @IdPrimaryColumn()
  pollId: string;

  /** UUIDv4: unlike v7 it says nothing of when. In named polls it is the receipt. */
  @IdPrimaryColumn()
  id: string;

  @Column({ type: 'binary', length: 32 })
  choiceHash: Buffer;

  /** The member or device; null in secret polls. */
  @IdColumn({ nullable: true })
  voterId: string | null;

  /** Null in secret polls. */
  @InstantColumn({ nullable: true })
  castAt: Date | null;
}
