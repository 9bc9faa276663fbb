import { Entity } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';

/** Who may vote in a poll that lists its voters. */
@Entity()
export class PollElector {
  @IdPrimaryColumn()
  pollId: string;

  @IdPrimaryColumn()
  memberId: string;
}
