import { Column, Entity } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { Electorate, PollEnd, PollMethod, ResultVisibility, Secrecy } from '../poll.types.js';

/** A question that members are asked, and how their answers are counted. When it is open stands in its guard. */
@Entity({ name: 'poll' })
export class PollRow {
  @IdPrimaryColumn()
  id: string;

  @Column({ type: 'varchar', length: 200 })
  title: string;

  @Column({ type: 'text', nullable: true })
  description: string | null;

  @AsciiColumn(16)
  method: PollMethod;

  @AsciiColumn(16)
  electorate: Electorate;

  @Column({ type: 'tinyint' })
  allowChange: 0 | 1;

  @AsciiColumn(16)
  secrecy: Secrecy;

  @AsciiColumn(16)
  results: ResultVisibility;

  /** The most that a ballot of scores gives to one candidate. */
  @Column({ type: 'int' })
  maxScore: number;

  /** Voters without whom nothing is decided. */
  @Column({ type: 'int', nullable: true })
  quorumMin: number | null;

  /** The same in percent of the electorate. */
  @Column({ type: 'int', nullable: true })
  quorumPercent: number | null;

  /** SHA-256, in hexadecimal, of the seed that decides lots. */
  @AsciiColumn(64, { type: 'char' })
  seedCommitment: string;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @InstantColumn()
  createdAt: Date;

  /** How it ended; null before that is written. */
  @AsciiColumn(16, { nullable: true })
  ended: PollEnd | null;

  /** How many might have voted, as of its end; null before, and where anybody may. */
  @Column({ type: 'int', nullable: true })
  electorateSize: number | null;

  /** The certified result. */
  @Column({ type: 'json', nullable: true })
  result: unknown;
}
