import { Entity, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, DateColumn, IdColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';
import type { LocalDate } from '../../../platform/clock/calendar.js';

export type OwnerKind = 'member' | 'api_token';
/** Members hold credits, API tokens hold calls. */
export type Unit = 'credit' | 'call';

/** What one owner has, in whole units. Owners are opaque ids here. */
@Entity()
@Unique('uq_credit_account_owner', ['ownerKind', 'ownerId', 'unit'])
export class CreditAccount {
  @IdPrimaryColumn()
  id: string;

  @AsciiColumn(16)
  ownerKind: OwnerKind;

  @IdColumn()
  ownerId: string;

  @AsciiColumn(16)
  unit: Unit;

  /** The settled balance: the sum of the entries. */
  @BigintColumn()
  posted: number;

  /** The part of `posted` that open holds have set aside. */
  @BigintColumn()
  held: number;

  /** Number of the newest entry; 0 before the first. */
  @BigintColumn()
  seq: number;

  /** Grows by one with every change of `posted` or `held`, so that a client sees what it missed. */
  @BigintColumn()
  version: number;

  /** The last community day whose credits are settled; null for accounts that never accrue. */
  @DateColumn({ nullable: true })
  lastAccrualDate: LocalDate | null;
}
