import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Reader } from '../../platform/database/transactions.js';
import { Metrics } from '../../platform/statistics/metrics.js';
import { CreditFlowRepository } from './credit-flow.repository.js';

/** What an hour was for the credits of all members. */
@Injectable()
export class CreditsStatistics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly flow: CreditFlowRepository,
  ) {}

  onModuleInit(): void {
    const since = (reader: Reader) => this.flow.findFirst(reader);
    this.metrics.register(
      { name: 'credits.issued', unit: 'credits', description: 'Credits given out', since, measure: (reader, hour) => this.flow.sumIssued(reader, hour) },
      { name: 'credits.spent', unit: 'credits', description: 'Credits spent', since, measure: (reader, hour) => this.flow.sumSpent(reader, hour) },
    );
  }
}
