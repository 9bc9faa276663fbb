import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../platform/statistics/metrics.js';
import { MemberActivityRepository } from './member-activity.repository.js';
import { MemberRepository } from './member.repository.js';

/** What an hour was for the community: who came, and who joined. */
@Injectable()
export class MembersStatistics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly members: MemberRepository,
    private readonly activity: MemberActivityRepository,
  ) {}

  onModuleInit(): void {
    this.metrics.register(
      {
        name: 'members.active', unit: 'members', description: 'Members who were active',
        since: (reader) => this.activity.findFirst(reader),
        measure: (reader, { from }) => this.activity.count(reader, from),
      },
      {
        name: 'members.joined', unit: 'members', description: 'Members who joined',
        since: (reader) => this.members.findFirstJoining(reader),
        measure: (reader, hour) => this.members.countJoined(reader, hour),
      },
    );
  }
}
