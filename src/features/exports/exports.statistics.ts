import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Reader } from '../../platform/database/transactions.js';
import { Metrics } from '../../platform/statistics/metrics.js';
import { ExportRepository } from './export.repository.js';

/** What an hour was for exports: by the time of the order, and by that of the end. */
@Injectable()
export class ExportsStatistics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly exports: ExportRepository,
  ) {}

  onModuleInit(): void {
    const unit = 'exports';
    const since = (reader: Reader) => this.exports.findFirstOrder(reader);
    this.metrics.register(
      { name: 'exports.ordered', unit, description: 'Exports ordered', since, measure: (reader, hour) => this.exports.countOrdered(reader, hour) },
      // A file whose time is over was there.
      { name: 'exports.succeeded', unit, description: 'Exports that succeeded', since, measure: (reader, hour) => this.exports.countEnded(reader, hour, ['succeeded', 'expired']) },
      { name: 'exports.failed', unit, description: 'Exports that failed', since, measure: (reader, hour) => this.exports.countEnded(reader, hour, ['failed']) },
    );
  }
}
