import { Column, Entity, PrimaryColumn } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** A file that was sent with a message, and what it was at that time. */
@Entity()
export class ChatAttachment {
  @IdPrimaryColumn()
  messageId: string;

  @PrimaryColumn({ type: 'int' })
  position: number;

  @IdColumn()
  fileId: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  @AsciiColumn(127)
  mediaType: string;

  @BigintColumn()
  bytes: number;

  @Column({ type: 'int', nullable: true })
  width: number | null;

  @Column({ type: 'int', nullable: true })
  height: number | null;
}
