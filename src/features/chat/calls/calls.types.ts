import type { ConversationKind, Posting } from '../chat.types.js';

export const CALL_MEDIA = ['audio', 'video'] as const;
export type CallMedia = (typeof CALL_MEDIA)[number];

/** A call rings until somebody accepts it. */
export type CallState = 'ringing' | 'active' | 'ended';

/** Why a call ended: nobody accepted in time, all others rejected it, the last one hung up or was lost, or another call took its place. */
export type EndReason = 'timeout' | 'rejected' | 'hangup' | 'lost' | 'glare';

/** A call as members of its conversation are shown it; times are RFC 3339. */
export interface Call {
  readonly id: string;
  readonly conversationId: string;
  readonly callerId: string;
  readonly media: CallMedia;
  readonly state: CallState;
  readonly startedAt: string;
  readonly ringsUntil: string;
  /** Members who are in it, in the order of their ids. */
  readonly participants: readonly string[];
  /** Grows with every change in the conversation's calls: of two answers the one with the higher is the newer. */
  readonly version: number;
}

/** How a call stands, told to everybody in its conversation. */
export interface CallNews extends Pick<Call, 'conversationId' | 'state' | 'participants' | 'version'> {
  readonly callId: string;
  /** Of a call that has ended. */
  readonly reason?: EndReason;
}

/** Somebody who is in a call, or has rejected it. */
export interface Participant {
  readonly memberId: string;
  /** The socket that takes part for them. */
  readonly device: string;
  readonly state: 'joined' | 'rejected';
  readonly seenAt: Date;
  readonly goneAt: Date | null;
  /** Whether they may still read the conversation. */
  readonly isMember: boolean;
}

/** A call as it is written down. */
export interface CallRecord {
  readonly id: string;
  readonly conversationId: string;
  readonly callerId: string;
  readonly media: CallMedia;
  readonly state: CallState;
  readonly startedAt: Date;
  readonly ringsUntil: Date;
  readonly participants: readonly Participant[];
}

/** A call that was found, its conversation, and when that was, by the database's clock. */
export interface FoundCall extends CallRecord {
  readonly version: number;
  readonly kind: ConversationKind;
  readonly posting: Posting;
  readonly archivedAt: Date | null;
  readonly now: Date;
}

/** A socket, and whose it is. */
export interface Device {
  readonly memberId: string;
  readonly device: string;
}

/** What is passed on unread from one participant to another. */
export type Signal = { readonly sdp: string } | { readonly candidate: unknown };
