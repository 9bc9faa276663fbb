import { Injectable } from '@nestjs/common';
import { Audit } from '../../platform/audit/audit.js';
import { Transactions } from '../../platform/database/transactions.js';
import { AccrualSweep } from './accrual-sweep.service.js';
import type { AccrualResult } from './credits.rules.js';

/** The nightly sweep when an admin asks for it. */
@Injectable()
export class AccrualByHand {
  constructor(
    private readonly sweep: AccrualSweep,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** Gives every member the days they are owed, and writes down who asked for it. */
  async run(actorId: string): Promise<AccrualResult> {
    const result = await this.sweep.run();
    const { localDate, granted, members } = result;
    await this.transactions.run((tx) =>
      this.audit.record(tx, { actorId, action: 'credits.accrued', subjectType: 'day', subjectId: localDate, details: { granted, members } }),
    );
    return result;
  }
}
