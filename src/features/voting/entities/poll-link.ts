import { Column, Entity } from 'typeorm';
import { AsciiColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** A link of a poll's audit chain: one for each batch of votes, and one for the certified result. */
@Entity()
export class PollLink {
  @IdPrimaryColumn()
  pollId: string;

  /** From 1 on. */
  @Column({ type: 'int', primary: true })
  seq: number;

  /** SHA-256, in hexadecimal, of the hash before and what this link covers. */
  @AsciiColumn(64, { type: 'char' })
  hash: string;
}
