import { Injectable } from '@nestjs/common';
import { memberRoom } from '../../../platform/realtime/realtime.js';
import { ChatSockets } from '../log/chat-sockets.js';
import { callOf, isNews, type Step } from './call.rules.js';
import type { CallNews, CallRecord, Device, EndReason, FoundCall, Signal } from './calls.types.js';

/** Tells sockets, of all processes, what happens to calls. What gets lost is read back with `call.list`. */
@Injectable()
export class CallBroadcast {
  constructor(private readonly sockets: ChatSockets) {}

  /**
   * Tells everybody in the conversation what became of a call, if it is news to them; a new one rings with all others.
   *
   * @param memberIds who may hear it. Not the conversation's room: in another process somebody may still stand in that who has gone
   */
  tell(found: FoundCall, { call, reason, replaced }: Step, memberIds: readonly string[]): void {
    const rooms = memberIds.map(memberRoom);
    if (replaced !== undefined) this.state(rooms, found, replaced.call, replaced.reason);
    const isNew = call.id !== found.id;
    if (isNew) this.sockets.toRoomEverywhere(rooms, 'call.invite', { call: callOf(call, found, found.now) }, memberRoom(call.callerId));
    if (isNews(found, call)) this.state(rooms, found, call, reason);
  }

  /** Tells a member's other devices that one of them has answered: with `device`, which did, and the version of the call by that. */
  taken({ id, version }: FoundCall, { memberId, device }: Device): void {
    this.sockets.toRoomEverywhere(memberRoom(memberId), 'call.taken', { callId: id, device, version }, device);
  }

  /** Passes something on to one device. */
  signal(event: string, device: string, callId: string, from: string, signal: Signal): void {
    this.sockets.toRoomEverywhere(device, event, { callId, from, ...signal });
  }

  private state(rooms: string[], found: FoundCall, call: CallRecord, reason: EndReason | undefined): void {
    const { id: callId, conversationId, state, participants, version } = callOf(call, found, found.now);
    const news: CallNews = { callId, conversationId, state, participants, version, ...(reason !== undefined && { reason }) };
    this.sockets.toRoomEverywhere(rooms, 'call.state', news);
  }
}
