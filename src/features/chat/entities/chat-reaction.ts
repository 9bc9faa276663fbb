import { Entity, PrimaryColumn } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** What a member answered a message with. */
@Entity()
export class ChatReaction {
  @IdPrimaryColumn()
  messageId: string;

  @PrimaryColumn({ type: 'varchar', length: 64, charset: 'utf8mb4', collation: 'utf8mb4_bin' })
  emoji: string;

  @IdPrimaryColumn()
  memberId: string;

  @InstantColumn()
  at: Date;
}
