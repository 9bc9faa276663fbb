import { Injectable } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { ReconciliationRepository, type Violation } from './reconciliation.repository.js';

export interface ReconciliationReport {
  /** When the snapshot was taken, by the database's clock. */
  readonly checkedAt: Date;
  readonly violations: readonly Violation[];
}

/** Holds the books against the invariants I1 to I5. It reads one snapshot and never repairs. */
@Injectable()
export class Reconciliation {
  constructor(
    private readonly transactions: Transactions,
    private readonly repository: ReconciliationRepository,
  ) {}

  check(): Promise<ReconciliationReport> {
    return this.transactions.snapshot(async (snapshot) => ({
      checkedAt: snapshot.at,
      violations: await this.repository.list(snapshot),
    }));
  }
}
