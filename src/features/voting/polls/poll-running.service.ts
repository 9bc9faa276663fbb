import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { PollClosing } from '../poll-closing.service.js';
import { PollGuardRepository } from '../poll-guard.repository.js';
import { pollInvalid } from '../voting.errors.js';
import { PollActs } from './poll-acts.service.js';
import { PollMakingRepository } from './poll-making.repository.js';
import type { ShownPoll } from './polls.types.js';

/** Takes polls from state to state. Doing it again does nothing, and answers the poll. */
@Injectable()
export class PollRunning {
  constructor(
    private readonly acts: PollActs,
    private readonly making: PollMakingRepository,
    private readonly closing: PollClosing,
    private readonly guard: PollGuardRepository,
  ) {}

  /** Opens a draft now, unless it opens by itself later. @throws notFound, pollNotDraft; pollInvalid when its closing time is past */
  open(actor: Actor, id: string): Promise<ShownPoll> {
    return this.acts.run(actor, id, 'open', async (tx, { opensAt }) => {
      if (opensAt !== null) return undefined;
      if (!(await this.making.open(tx, id))) throw pollInvalid({ path: 'closesAt', reason: 'is past; PATCH it to a later time first' });
      return {};
    });
  }

  /** From then on nothing is accepted, in any process. @throws notFound, pollNotOpen, pollEnded */
  close(actor: Actor, id: string): Promise<ShownPoll> {
    return this.acts.run(actor, id, 'close', async (tx, poll) => {
      await this.closing.shut(tx, poll);
      return {};
    });
  }

  /** Ends a poll without a result. @throws notFound, pollEnded */
  cancel(actor: Actor, id: string): Promise<ShownPoll> {
    return this.acts.run(actor, id, 'cancel', async (tx, { state }) => {
      await this.guard.shut(tx, id, 'cancelled');
      await this.making.forgetVoters(tx, id);
      return { state };
    });
  }

  /** Takes a candidate off every ballot, also those that were cast. @throws notFound, pollEnded */
  withdraw(actor: Actor, id: string, candidateId: string): Promise<ShownPoll> {
    return this.acts.run(actor, id, 'withdraw', async (tx, { candidates }) => {
      const candidate = candidates.find((one) => one.id === candidateId);
      if (candidate === undefined) throw notFound();
      if (candidate.withdrawn) return undefined;
      await this.making.withdraw(tx, id, candidateId);
      return { candidateId, name: candidate.name };
    });
  }
}
