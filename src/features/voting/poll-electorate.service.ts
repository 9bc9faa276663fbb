import { Injectable } from '@nestjs/common';
import type { Reader } from '../../platform/database/transactions.js';
import { MembersService } from '../members/index.js';
import { PollRepository } from './poll.repository.js';
import type { Poll } from './poll.types.js';

/** How many may vote. */
@Injectable()
export class PollElectorate {
  constructor(
    private readonly members: MembersService,
    private readonly polls: PollRepository,
  ) {}

  /**
   * @param atEnd how many there were when the poll ended, where that was written down: members come and go
   * @returns null where anybody may vote
   */
  async size(reader: Reader, { id, electorate }: Pick<Poll, 'id' | 'electorate'>, atEnd: number | null): Promise<number | null> {
    if (electorate === 'public') return null;
    return atEnd ?? (electorate === 'list' ? this.polls.countElectors(reader, id) : this.members.count(reader));
  }
}
