import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import type { Actor } from '../../../platform/auth/actor.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { PollClosing } from '../poll-closing.service.js';
import { PollGuardRepository, type Guarded } from '../poll-guard.repository.js';
import type { Poll } from '../poll.types.js';
import { PollResults } from '../results/poll-results.service.js';
import { isDue } from './polls.rules.js';
import { PollsService } from './polls.service.js';
import type { PollAct, ShownPoll } from './polls.types.js';

const ACTION: Readonly<Record<PollAct, string>> = {
  edit: 'poll.edited', open: 'poll.opened', close: 'poll.closed', certify: 'poll.certified', cancel: 'poll.cancelled', withdraw: 'poll.candidate-withdrawn',
};

/** What managers do to a poll: one act at a time, decided by what the poll is then, and on record. */
@Injectable()
export class PollActs {
  constructor(
    private readonly transactions: Transactions,
    private readonly guard: PollGuardRepository,
    private readonly closing: PollClosing,
    private readonly audit: Audit,
    private readonly shown: PollsService,
    private readonly results: PollResults,
  ) {}

  /**
   * Does `work` in a transaction that has the guard of the poll, unless it was done before.
   *
   * @param work answers what to write down of it; undefined when it found nothing to do
   * @returns the poll afterwards
   * @throws notFound; whatever the act is refused with in the state of the poll, see `isDue`
   */
  async run(actor: Actor, id: string, act: PollAct, work: (tx: Tx, poll: Poll, guarded: Guarded) => Promise<Record<string, unknown> | undefined>): Promise<ShownPoll> {
    await this.transactions.run(async (tx) => {
      tx.afterCommit(() => this.results.forget(id));
      const guarded = await this.guard.enter(tx, id);
      if (guarded === undefined) throw notFound();
      const poll = await this.closing.current(tx, id);
      if (!isDue(act, poll.state)) return;
      const details = await work(tx, poll, guarded);
      if (details !== undefined) await this.audit.record(tx, { actorId: actor.memberId, action: ACTION[act], subjectType: 'poll', subjectId: id, details });
    });
    return this.shown.get(actor, id);
  }
}
