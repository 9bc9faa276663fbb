import { Column, Entity, Index } from 'typeorm';
import { AsciiColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** Which link of the chain covers a receipt. */
@Entity()
@Index('ix_poll_receipt_link', ['pollId', 'linkSeq', 'receipt'])
export class PollReceipt {
  @IdPrimaryColumn()
  pollId: string;

  /** Beginning with a minus: that receipt counts no more, its vote was changed or taken back. */
  @AsciiColumn(65, { primary: true })
  receipt: string;

  @Column({ type: 'int' })
  linkSeq: number;
}
