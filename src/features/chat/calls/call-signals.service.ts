import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { CallAccess } from './call-access.service.js';
import { CallBroadcast } from './call-broadcast.service.js';
import { peerDevice } from './call.rules.js';
import { CallRepository } from './call.repository.js';
import type { Device, Signal } from './calls.types.js';

type SignalEvent = 'call.offer' | 'call.answer' | 'call.ice';

/** Passes offers, answers and candidates between the participants of a call, unread. */
@Injectable()
export class CallSignals {
  /** What each device has said last, until it is passed on. */
  private readonly lines = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly repository: CallRepository,
    private readonly access: CallAccess,
    private readonly broadcast: CallBroadcast,
  ) {}

  /**
   * Passes something on to the device by which a member is in the call: in the order in which it came, since a
   * candidate is worth nothing before its offer. It may get lost.
   *
   * @throws notFound unless both are in the call, the sender by this device
   * @throws chatBanned, chatMuted, chatBlocked, chatArchived
   */
  relay(from: Device, event: SignalEvent, callId: string, to: string, signal: Signal): Promise<void> {
    const relayed = (this.lines.get(from.device) ?? Promise.resolve()).then(() => this.pass(from, event, callId, to, signal));
    const line = relayed
      .catch(() => undefined)
      .then(() => {
        if (this.lines.get(from.device) === line) this.lines.delete(from.device);
      });
    this.lines.set(from.device, line);
    return relayed;
  }

  private async pass(from: Device, event: SignalEvent, callId: string, to: string, signal: Signal): Promise<void> {
    const conversationId = await this.access.conversationOf(this.database, from.memberId, callId);
    const [call] = await this.repository.list(this.database, [conversationId]);
    const device = call?.id === callId ? peerDevice(call, from, to, call.now) : undefined;
    if (device === undefined) throw notFound({}, 'You two are not in this call, or you are by another device.');
    await this.access.checkAct(this.database, from.memberId, call!);
    this.broadcast.signal(event, device, callId, from.memberId, signal);
  }
}
