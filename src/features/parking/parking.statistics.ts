import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../platform/statistics/metrics.js';
import { ReservationReportRepository } from './reservations/reservation-report.repository.js';

/** What an hour was for parking. */
@Injectable()
export class ParkingStatistics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly reports: ReservationReportRepository,
  ) {}

  onModuleInit(): void {
    this.metrics.register({
      name: 'reservations.made', unit: 'reservations', description: 'Parking reserved',
      since: (reader) => this.reports.findFirst(reader),
      measure: (reader, hour) => this.reports.countMade(reader, hour),
    });
  }
}
