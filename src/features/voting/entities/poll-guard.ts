import { Column, Entity } from 'typeorm';
import { AsciiColumn, BigintColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** One row a poll, written by every batch of votes and by the close: of the two, one goes first. */
@Entity()
export class PollGuard {
  @IdPrimaryColumn()
  pollId: string;

  /** 1 from when it is to be opened, be it in the future, until it has ended. */
  @Column({ type: 'tinyint' })
  open: 0 | 1;

  @InstantColumn({ nullable: true })
  opensAt: Date | null;

  /** The last year that a DATETIME has, for a poll that somebody has to close. */
  @InstantColumn()
  closesAt: Date;

  @BigintColumn()
  version: number;

  /** Moves when a draft is edited: a vote for another edition of the poll is none. */
  @Column({ type: 'int' })
  edition: number;

  /** When the guard was last entered, be it to vote or to manage the poll. */
  @InstantColumn({ nullable: true })
  castAt: Date | null;

  /** The last link of the audit chain. */
  @Column({ type: 'int' })
  linkSeq: number;

  @AsciiColumn(64, { type: 'char' })
  linkHash: string;
}
