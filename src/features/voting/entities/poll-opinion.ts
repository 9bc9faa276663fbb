import { Column, Entity, Unique } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

export const OPINION_STATUSES = ['visible', 'hidden'] as const;
export type OpinionStatus = (typeof OPINION_STATUSES)[number];

/** What a voter had to say, apart from the ballot. */
@Entity()
@Unique('uq_poll_opinion_voter', ['pollId', 'voterId'])
export class PollOpinion {
  @IdPrimaryColumn()
  pollId: string;

  /** UUIDv4: the order of opinions says nothing of when they came. */
  @IdPrimaryColumn()
  id: string;

  /** The member or device; null in secret polls. */
  @IdColumn({ nullable: true })
  voterId: string | null;

  @Column({ type: 'varchar', length: 1000 })
  opinion: string;

  /** `hidden` by a moderator. */
  @AsciiColumn(16)
  status: OpinionStatus;
}
