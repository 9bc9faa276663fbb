import type { Call, CallMedia, CallRecord, Device, EndReason, FoundCall, Participant } from './calls.types.js';

export const RING_SECONDS = 45;
/** How long the place of a participant is kept whose socket has disconnected. */
export const GONE_SECONDS = 10;
/** How long the place of a participant is kept of whose process nothing is heard. */
export const UNSEEN_SECONDS = 60;
export const MOST_SDP_BYTES = 64 * 1024;
export const MOST_CANDIDATE_BYTES = 4 * 1024;

/** A call that ended. */
interface Ended {
  readonly call: CallRecord;
  readonly reason: EndReason;
}

/** What became of a call. Objects that were not changed stay the same ones. */
export interface Step {
  readonly call: CallRecord;
  /** Why it ended, if it did so by this. */
  readonly reason?: EndReason;
  /** The call in whose place a new one has come, if it was not over before. */
  readonly replaced?: Ended;
}

/** A call that somebody would like to begin. */
export interface Invitation extends Device {
  readonly id: string;
  readonly conversationId: string;
  readonly media: CallMedia;
}

/** Whether somebody is in a call at this time. */
export function isPresent({ state, isMember, seenAt, goneAt }: Participant, now: Date): boolean {
  return state === 'joined' && isMember && (goneAt === null || secondsSince(goneAt, now) < GONE_SECONDS) && secondsSince(seenAt, now) < UNSEEN_SECONDS;
}

/** How a call stands at this time, whatever was last written of it. */
export function settled(call: CallRecord, now: Date): Step {
  if (call.state === 'ended') return { call };
  if (call.state === 'ringing' && call.ringsUntil <= now) return ended(call, 'timeout');
  return without(call, (participant) => participant.state === 'joined' && !isPresent(participant, now), 'lost');
}

/**
 * Begins a call, where there is none. Of two who call each other at the same time the lower id wins: its call takes the
 * place of one that nobody has accepted. Otherwise the call that there is stays.
 */
export function invited(known: CallRecord, { memberId, device, ...invitation }: Invitation, now: Date): Step {
  const { call, reason } = settled(known, now);
  if (call.state === 'active' || (call.state === 'ringing' && call.callerId <= memberId)) return { call };
  const begun: CallRecord = {
    ...invitation, callerId: memberId, state: 'ringing', startedAt: now, ringsUntil: new Date(now.getTime() + RING_SECONDS * 1_000), participants: [joined({ memberId, device }, now)],
  };
  if (call.state === 'ringing') return { call: begun, replaced: ended(call, 'glare') };
  return reason === undefined ? { call: begun } : { call: begun, replaced: { call, reason } };
}

/** Takes somebody in, or moves them to another of their devices. The caller's own device does not stop the ringing. */
export function accepted(known: CallRecord, who: Device, now: Date): Step & { readonly isIn: boolean } {
  const { call, reason } = settled(known, now);
  if (call.state === 'ended') return { call, reason, isIn: false };
  const mine = participantOf(call, who.memberId);
  if (mine?.state === 'joined' && mine.device === who.device && mine.goneAt === null) return { call, isIn: true };
  const participants = [...call.participants.filter((other) => other !== mine), joined(who, now)];
  return { call: { ...call, participants, state: who.memberId === call.callerId ? call.state : 'active' }, isIn: true };
}

/**
 * Notes that somebody does not want to come, unless they are in it, e.g. by another device.
 *
 * @param others how many may accept or reject it
 */
export function rejected(known: CallRecord, who: Device, others: number, now: Date): Step {
  const { call, reason } = settled(known, now);
  if (call.state === 'ended' || participantOf(call, who.memberId) !== undefined) return { call, reason };
  const participants: Participant[] = [...call.participants, { ...joined(who, now), state: 'rejected' }];
  const rejections = participants.filter(({ state, isMember }) => state === 'rejected' && isMember).length;
  if (call.state === 'ringing' && rejections >= others) return ended(call, 'rejected');
  return { call: { ...call, participants } };
}

/** Lets somebody go. A device that is not in the call, because another one of theirs is, changes nothing. */
export function hungUp(known: CallRecord, { memberId, device }: Device, now: Date): Step {
  const { call, reason } = settled(known, now);
  if (call.state === 'ended') return { call, reason };
  return without(call, (other) => other.memberId === memberId && other.state === 'joined' && (other.device === device || other.goneAt !== null), 'hangup');
}

/** The device that a participant is sent to by another one; undefined unless both are in the call, the sender by this device. */
export function peerDevice(call: CallRecord, from: Device, to: string, now: Date): string | undefined {
  const present = presentIn(call, now);
  const isIn = present.some(({ memberId, device }) => memberId === from.memberId && device === from.device);
  return isIn && to !== from.memberId ? present.find(({ memberId }) => memberId === to)?.device : undefined;
}

/** Whether everybody in the conversation is told of this change. */
export function isNews(before: CallRecord, after: CallRecord): boolean {
  const shown = ({ state, participants }: CallRecord) => [state, ...participants.filter((one) => one.state === 'joined').map(({ memberId, device }) => `${memberId} ${device}`).sort()].join();
  return before.id !== after.id || shown(before) !== shown(after);
}

/** A call as members see it. */
export function callOf(call: CallRecord, { version }: Pick<FoundCall, 'version'>, now: Date): Call {
  const { id, conversationId, callerId, media, state, startedAt, ringsUntil } = call;
  const participants = state === 'ended' ? [] : presentIn(call, now).map(({ memberId }) => memberId).sort();
  return { id, conversationId, callerId, media, state, startedAt: startedAt.toISOString(), ringsUntil: ringsUntil.toISOString(), participants, version };
}

function presentIn(call: CallRecord, now: Date): Participant[] {
  const { state, participants } = settled(call, now).call;
  return state === 'ended' ? [] : participants.filter((one) => one.state === 'joined');
}

function participantOf({ participants }: CallRecord, memberId: string): Participant | undefined {
  return participants.find((one) => one.memberId === memberId);
}

function joined({ memberId, device }: Device, now: Date): Participant {
  return { memberId, device, state: 'joined', seenAt: now, goneAt: null, isMember: true };
}

/** The last one who goes ends it. */
function without(call: CallRecord, goes: (participant: Participant) => boolean, reason: EndReason): Step {
  const participants = call.participants.filter((participant) => !goes(participant));
  if (!participants.some(({ state }) => state === 'joined')) return ended(call, reason);
  return { call: participants.length === call.participants.length ? call : { ...call, participants } };
}

function ended(call: CallRecord, reason: EndReason): Ended {
  return { call: { ...call, state: 'ended', participants: [] }, reason };
}

function secondsSince(then: Date, now: Date): number {
  return (now.getTime() - then.getTime()) / 1_000;
}
