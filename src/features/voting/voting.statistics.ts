import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../platform/statistics/metrics.js';
import { PollTallyRepository } from './results/poll-tally.repository.js';

/** What an hour was for voting. */
@Injectable()
export class VotingStatistics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly tallies: PollTallyRepository,
  ) {}

  onModuleInit(): void {
    this.metrics.register({
      name: 'votes.cast', unit: 'votes', description: 'Votes cast in polls',
      since: (reader) => this.tallies.firstSecond(reader),
      measure: (reader, hour) => this.tallies.sumCast(reader, hour),
    });
  }
}
