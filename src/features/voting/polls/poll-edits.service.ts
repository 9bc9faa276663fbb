import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { PollRepository } from '../poll.repository.js';
import type { Poll } from '../poll.types.js';
import { notEditable, pollEnded } from '../voting.errors.js';
import { PollActs } from './poll-acts.service.js';
import { PollMakingRepository } from './poll-making.repository.js';
import { PollMaking } from './poll-making.service.js';
import { checkEditOfOpen, checkTimes, edited } from './polls.rules.js';
import type { PollEdit, ShownPoll } from './polls.types.js';

/** Changes polls that have not ended. */
@Injectable()
export class PollEdits {
  constructor(
    private readonly acts: PollActs,
    private readonly making: PollMaking,
    private readonly repository: PollMakingRepository,
    private readonly polls: PollRepository,
  ) {}

  /**
   * Changes a draft in whatever way; an open poll in its description, and to close later.
   *
   * @throws notFound, requestInvalid, secretFinal, pollInvalid, notEditable, pollEnded
   */
  edit(actor: Actor, id: string, edit: PollEdit): Promise<ShownPoll> {
    const fields = Object.keys(edit).filter((field) => edit[field as keyof PollEdit] !== undefined).sort();
    return this.acts.run(actor, id, 'edit', async (tx, poll) => {
      if (fields.length === 0) return undefined;
      if (poll.state === 'draft') await this.editDraft(tx, poll, edit, fields);
      else await this.editOpen(tx, poll, edit, fields);
      return { fields };
    });
  }

  private async editDraft(tx: Tx, poll: Poll, edit: PollEdit, fields: readonly string[]): Promise<void> {
    const settings = edited(poll, await this.polls.electors(tx, poll.id), edit);
    if (edit.opensAt !== undefined || edit.closesAt !== undefined) checkTimes(settings, poll.readAt);
    await this.making.check(tx, settings);
    const withElectors = edit.electorate !== undefined || edit.memberIds !== undefined;
    if (!(await this.repository.rewrite(tx, poll.id, settings, { withCandidates: edit.candidates !== undefined, withElectors }))) throw notEditable({ fields });
  }

  private async editOpen(tx: Tx, poll: Poll, edit: PollEdit, fields: readonly string[]): Promise<void> {
    checkEditOfOpen(poll, edit, fields);
    checkTimes({ opensAt: poll.opensAt, closesAt: edit.closesAt }, poll.readAt);
    if (edit.description !== undefined) await this.repository.updateDescription(tx, poll.id, edit.description);
    if (edit.closesAt && !(await this.repository.updateClosesAt(tx, poll.id, edit.closesAt))) throw pollEnded();
  }
}
