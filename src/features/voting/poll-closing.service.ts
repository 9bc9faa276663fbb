import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { PollGuardRepository } from './poll-guard.repository.js';
import { PollRepository } from './poll.repository.js';
import { isToBeClosed } from './poll.rules.js';
import type { Poll } from './poll.types.js';
import { PollElectorate } from './results/poll-electorate.service.js';

/** Writes down that a poll is closed: only then are its counts final, since no batch can be under way any more. */
@Injectable()
export class PollClosing {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly guard: PollGuardRepository,
    private readonly polls: PollRepository,
    private readonly electorate: PollElectorate,
  ) {}

  /** Closes every poll whose time has come. Nothing depends on it: whoever looks at one closes it. */
  async closeAllDue(signal?: AbortSignal): Promise<void> {
    for (const id of await this.guard.listDue(this.database)) {
      signal?.throwIfAborted();
      await this.closeDue(id);
    }
  }

  /** Closes a poll whose time has come; of many who find that out at once, one does it. */
  async closeDue(pollId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.guard.enter(tx, pollId);
      const poll = await this.polls.find(tx, pollId);
      if (poll !== undefined && isToBeClosed(poll)) await this.shut(tx, poll);
    });
  }

  /** Closes it, in a transaction that has its guard; how many might have voted is remembered. */
  async shut(tx: Tx, poll: Poll): Promise<void> {
    await this.guard.shut(tx, poll.id, 'closed', await this.electorate.size(tx, poll, null));
  }
}
