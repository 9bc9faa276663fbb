import { Entity, Index, PrimaryColumn } from 'typeorm';
import { BigintPrimaryColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** That a word is in a message. */
@Entity()
@Index('ix_chat_word_message', ['conversationId', 'no'])
export class ChatWord {
  @IdPrimaryColumn()
  conversationId: string;

  /** As it is compared, at most 64 code points. */
  @PrimaryColumn({ type: 'varchar', length: 64, charset: 'utf8mb4', collation: 'utf8mb4_bin' })
  word: string;

  @BigintPrimaryColumn()
  no: number;
}
