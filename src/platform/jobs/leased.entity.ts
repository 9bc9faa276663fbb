import { IdColumn, InstantColumn } from '../database/columns.js';

/** The columns of a lease queue's table beside its id: when it is due, and who is at work on it. */
export abstract class Leased {
  @InstantColumn()
  runAt: Date;

  @IdColumn({ nullable: true })
  leaseToken: string | null;

  @InstantColumn({ nullable: true })
  leaseUntil: Date | null;
}
