import { Entity, Index, Unique } from 'typeorm';
import { BigintColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';
import { Leased } from '../../../platform/jobs/leased.entity.js';

/** The messages of a conversation that nobody was told of by push yet. */
@Entity()
@Unique('uq_chat_push_wave_lease', ['leaseToken'])
@Index('ix_chat_push_wave_run', ['runAt', 'conversationId'])
export class ChatPushWave extends Leased {
  @IdPrimaryColumn()
  conversationId: string;

  @BigintColumn()
  fromNo: number;

  @BigintColumn()
  upToNo: number;
}
