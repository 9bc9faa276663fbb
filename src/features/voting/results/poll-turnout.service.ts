import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { PollAccess } from '../poll-access.service.js';
import { PollElectorate } from '../poll-electorate.service.js';
import type { Viewer } from '../visibility.rules.js';
import { PollTallyRepository } from './poll-tally.repository.js';
import { quorumOf } from './results.rules.js';
import type { QuorumState } from './results.types.js';

export interface Turnout {
  readonly voters: number;
  /** How many might have voted; null where anybody may. */
  readonly eligible: number | null;
  readonly quorum?: QuorumState;
}

/** How many have voted: no secret, whatever they have voted for. */
@Injectable()
export class PollTurnout {
  constructor(
    private readonly database: Database,
    private readonly access: PollAccess,
    private readonly tallies: PollTallyRepository,
    private readonly electorate: PollElectorate,
  ) {}

  /** @throws notFound, authRequired */
  async get(viewer: Viewer, pollId: string): Promise<Turnout> {
    const poll = await this.access.get(viewer, pollId);
    const { voters, electorateSize } = await this.tallies.turnout(this.database, pollId);
    const eligible = await this.electorate.size(this.database, poll, electorateSize);
    const quorum = quorumOf(poll.quorum, eligible, voters);
    return { voters, eligible, ...(quorum && { quorum }) };
  }
}
