import { Column, Entity } from 'typeorm';
import { AsciiColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** What a poll keeps to itself. */
@Entity()
export class PollSecret {
  @IdPrimaryColumn()
  pollId: string;

  /** Makes the names under which voters are kept; destroyed when the poll is certified. */
  @Column({ type: 'binary', length: 32, nullable: true })
  voterSecret: Buffer | null;

  /** Decides lots; shown once the poll is closed. 32 bytes in hexadecimal. */
  @AsciiColumn(64, { type: 'char' })
  seed: string;
}
