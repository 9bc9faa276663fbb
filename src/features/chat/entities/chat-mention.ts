import { Entity } from 'typeorm';
import { BigintPrimaryColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** Whom a message calls by name. */
@Entity()
export class ChatMention {
  @IdPrimaryColumn()
  conversationId: string;

  @IdPrimaryColumn()
  memberId: string;

  @BigintPrimaryColumn()
  no: number;
}
