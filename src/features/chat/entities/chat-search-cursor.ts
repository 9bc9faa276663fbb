import { Entity } from 'typeorm';
import { BigintColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** How far a conversation is in the index of words: whoever changes its words writes this row first. */
@Entity()
export class ChatSearchCursor {
  @IdPrimaryColumn()
  conversationId: string;

  /** The last message whose words are in the index. */
  @BigintColumn()
  indexedNo: number;

  /** One more with each change: a row that is written keeps others out on every engine. */
  @BigintColumn()
  version: number;
}
