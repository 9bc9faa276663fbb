import { Column, Entity } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';

/** Somebody has voted. There is no time here, and nothing else that leads to a ballot. */
@Entity()
export class PollVoter {
  @IdPrimaryColumn()
  pollId: string;

  /** HMAC-SHA256 of the voter's id, by the poll's secret. */
  @Column({ type: 'binary', length: 32, primary: true })
  voterKey: Buffer;

  /** Random for each attempt to vote: whose is read back was first. Used for nothing else. */
  @Column({ type: 'binary', length: 16 })
  claim: Buffer;
}
