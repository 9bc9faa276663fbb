import { Column, Entity, Unique } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** The address under which calendars read a member's reservations: at most one each. */
@Entity()
@Unique('uq_calendar_token_hash', ['tokenHash'])
export class CalendarToken {
  @IdPrimaryColumn()
  memberId: string;

  /** SHA-256 of the token, which is kept nowhere. */
  @Column({ type: 'binary', length: 32 })
  tokenHash: Buffer;

  @InstantColumn()
  createdAt: Date;
}
