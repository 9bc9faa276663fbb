import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { PollElectorate } from './poll-electorate.service.js';
import { PollGuardRepository } from './poll-guard.repository.js';
import { PollRepository } from './poll.repository.js';
import { isToBeClosed } from './poll.rules.js';
import type { Poll } from './poll.types.js';

/** Writes down that a poll is closed: only then are its counts final, since no batch can be under way any more. */
@Injectable()
export class PollClosing {
  private readonly logger = new Logger(PollClosing.name);
  private readonly closing = new Map<string, Promise<void>>();

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
      // One that cannot be closed must not keep the others open.
      await this.closeDue(id).catch((error: unknown) => this.logger.error(error, `closing poll ${id} failed`));
    }
  }

  /** Closes a poll whose time has come; of many who find that out at once, one does it. */
  closeDue(pollId: string): Promise<void> {
    const known = this.closing.get(pollId);
    if (known !== undefined) return known;
    const closing = this.transactions
      .run(async (tx) => {
        if (await this.guard.enterDue(tx, pollId)) await this.current(tx, pollId);
      })
      .finally(() => this.closing.delete(pollId));
    this.closing.set(pollId, closing);
    return closing;
  }

  /** The poll, in a transaction that has its guard; closed if it is time. */
  async current(tx: Tx, pollId: string): Promise<Poll> {
    const poll = (await this.polls.find(tx, pollId))!;
    if (!isToBeClosed(poll)) return poll;
    await this.shut(tx, poll);
    return (await this.polls.find(tx, pollId))!;
  }

  /** Closes it, in a transaction that has its guard; how many might have voted is remembered. */
  async shut(tx: Tx, poll: Poll): Promise<void> {
    await this.guard.shut(tx, poll.id, 'closed', await this.electorate.size(tx, poll, null));
  }
}
