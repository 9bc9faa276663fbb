import { Injectable } from '@nestjs/common';
import { newId } from '../../../platform/database/columns.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { ConversationAccess } from '../conversations/conversation-access.service.js';
import { CallAccess } from './call-access.service.js';
import { CallBroadcast } from './call-broadcast.service.js';
import { CallDevices } from './call-devices.service.js';
import { CallRepository } from './call.repository.js';
import { accepted, callOf, hungUp, invited, rejected, settled, type Step } from './call.rules.js';
import type { Call, CallMedia, CallRecord, Device, FoundCall } from './calls.types.js';

/**
 * Calls of members: one in a conversation at a time. Whoever changes one writes its row first, so that this holds with
 * any number of processes; how it stands at a time is worked out by whoever reads it.
 */
@Injectable()
export class Calls {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly repository: CallRepository,
    private readonly access: CallAccess,
    private readonly conversations: ConversationAccess,
    private readonly devices: CallDevices,
    private readonly broadcast: CallBroadcast,
  ) {}

  /**
   * Begins a call, or answers with the one that there is, which is then to be accepted.
   *
   * @throws notFound for who is not in the conversation
   * @throws chatBanned, chatMuted, chatBlocked, chatArchived
   */
  async invite(who: Device, conversationId: string, media: CallMedia): Promise<Call> {
    const invitation = { ...who, conversationId, media, id: newId() };
    return this.transactions.run(async (tx) => {
      await this.conversations.read(who.memberId, conversationId, tx);
      await this.repository.take(tx, { ...invitation, callerId: who.memberId, id: newId() });
      const found = await this.found(tx, conversationId);
      await this.access.checkBegin(tx, who.memberId, found);
      const step = invited(found, invitation, found.now);
      if (step.call.id === invitation.id) tx.afterCommit(() => this.devices.hold(who.device, invitation.id));
      return this.conclude(tx, found, step);
    });
  }

  /**
   * Joins a call. On a second device of a member it moves there.
   *
   * @throws notFound for who is not in its conversation, and for a call that is over
   * @throws chatBanned, chatMuted, chatBlocked, chatArchived
   */
  accept(who: Device, callId: string): Promise<Call> {
    return this.transactions.run(async (tx) => {
      const found = await this.taken(tx, who, callId);
      await this.access.checkAct(tx, who.memberId, found);
      const { isIn, ...step } = accepted(found, who, found.now);
      if (!isIn) throw notFound({}, 'This call is over.');
      tx.afterCommit(() => this.devices.hold(who.device, callId));
      return this.conclude(tx, found, step, who);
    });
  }

  /** Turns a call down, unless the member is in it. @throws notFound, chatBanned */
  reject(who: Device, callId: string): Promise<Call> {
    return this.transactions.run(async (tx) => {
      const found = await this.taken(tx, who, callId);
      const others = (await this.repository.listReaders(tx, found.conversationId)).length - 1;
      const step = rejected(found, who, others, found.now);
      return this.conclude(tx, found, step, step.call === found ? undefined : who);
    });
  }

  /** Leaves a call, by the device that is in it. @throws notFound, chatBanned */
  hangUp(who: Device, callId: string): Promise<Call> {
    return this.transactions.run(async (tx) => {
      const found = await this.taken(tx, who, callId);
      tx.afterCommit(() => this.devices.release(who.device, callId));
      return this.conclude(tx, found, hungUp(found, who, found.now));
    });
  }

  /** The calls that ring or run now in the conversations of a member. */
  async list(memberId: string): Promise<Call[]> {
    const found = await this.repository.list(this.database, await this.repository.listPlacesOf(this.database, memberId));
    return found.map((call) => callOf(settled(call, call.now).call, call, call.now)).filter(({ state }) => state !== 'ended');
  }

  /** Writes down what time has made of calls, and tells it: once, however many processes come to do it. */
  async settleDue(): Promise<void> {
    for (const due of await this.repository.listDue(this.database)) {
      await this.transactions.run(async (tx) => {
        if (!(await this.repository.retake(tx, due))) return;
        const found = await this.found(tx, due.conversationId);
        await this.conclude(tx, found, settled(found, found.now));
      });
    }
  }

  private async taken(tx: Tx, { memberId }: Device, callId: string): Promise<FoundCall> {
    const conversationId = await this.access.conversationOf(tx, memberId, callId);
    if (!(await this.repository.retake(tx, { conversationId, id: callId }))) throw notFound({}, 'This call is over.');
    return this.found(tx, conversationId);
  }

  private async found(tx: Tx, conversationId: string): Promise<FoundCall> {
    return (await this.repository.list(tx, [conversationId]))[0]!;
  }

  /** @param takenBy the device that has answered for its member */
  private async conclude(tx: Tx, found: FoundCall, step: Step, takenBy?: Device): Promise<Call> {
    const call: CallRecord = step.call;
    if (call !== found) await this.repository.save(tx, found, call);
    const memberIds = step.replaced !== undefined || call !== found ? await this.repository.listReaders(tx, found.conversationId) : [];
    tx.afterCommit(() => {
      if (takenBy !== undefined) this.broadcast.taken(found, takenBy);
      this.broadcast.tell(found, step, memberIds);
    });
    return callOf(call, found, found.now);
  }
}
