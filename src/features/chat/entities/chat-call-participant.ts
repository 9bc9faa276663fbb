import { Entity } from 'typeorm';
import { AsciiColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** Who is in a call that is not over, and who has rejected it. */
@Entity()
export class ChatCallParticipant {
  @IdPrimaryColumn()
  callId: string;

  @IdPrimaryColumn()
  memberId: string;

  /** The socket that takes part for the member. */
  @AsciiColumn(64)
  device: string;

  @AsciiColumn(16)
  state: 'joined' | 'rejected';

  /** When the process of that socket last said that it is there. */
  @InstantColumn()
  seenAt: Date;

  /** When the socket disconnected. */
  @InstantColumn({ nullable: true })
  goneAt: Date | null;
}
