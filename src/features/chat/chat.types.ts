export const CONVERSATION_KINDS = ['dm', 'group', 'channel'] as const;
export type ConversationKind = (typeof CONVERSATION_KINDS)[number];

export const POSTINGS = ['all', 'moderators'] as const;
export type Posting = (typeof POSTINGS)[number];

export const CONVERSATION_ROLES = ['owner', 'moderator', 'member'] as const;
export type ConversationRole = (typeof CONVERSATION_ROLES)[number];

/** What a member is notified of while away. */
export const NOTIFY = ['all', 'mentions', 'none'] as const;
export type Notify = (typeof NOTIFY)[number];

export const EVENT_TYPES = [
  'message.created', 'message.edited', 'message.deleted', 'reaction.added', 'reaction.removed',
  'member.joined', 'member.left', 'member.changed', 'conversation.changed',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What an event keeps beside the id of its message. Never a text. */
export interface EventPayload {
  readonly emoji?: string;
  readonly memberId?: string;
  readonly role?: ConversationRole;
  readonly mutedUntil?: string | null;
  readonly bannedUntil?: string | null;
}

/** An event that is about to be written. */
export interface EventDraft {
  readonly type: EventType;
  readonly actorId: string | null;
  readonly messageId?: string;
  readonly payload?: EventPayload;
}

/** A file of a message. */
export interface MessageFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
}

export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** The first of them. */
  readonly memberIds: readonly string[];
}

/** A message as members are shown it, by every door alike; times are RFC 3339. */
export interface ChatMessage {
  readonly id: string;
  readonly conversationId: string;
  /** Counts the messages of the conversation, from 1. */
  readonly no: number;
  /** The event of its sending. */
  readonly seq: number;
  readonly senderId: string;
  readonly clientId: string;
  /** Null without one, and once deleted. */
  readonly text: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly deleted: boolean;
  readonly replyTo: string | null;
  readonly threadRoot: string | null;
  readonly mentions: readonly string[];
  readonly files: readonly MessageFile[];
  readonly reactions: readonly Reaction[];
}

/** How a conversation is set up. */
export interface ConversationSettings {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly title: string | null;
  readonly slowModeSeconds: number;
  readonly posting: Posting;
  readonly archivedAt: string | null;
}

/** What an event is about: by its type, see {@link EventType}. */
export type EventData =
  | { readonly message: ChatMessage; readonly deleted?: true }
  | { readonly messageId: string }
  | { readonly messageId: string; readonly emoji: string; readonly memberId: string }
  | { readonly memberId: string; readonly role?: ConversationRole; readonly mutedUntil?: string | null; readonly bannedUntil?: string | null }
  | { readonly conversation: ConversationSettings };

/** An event as members are sent it, by every door alike. */
export interface ChatEvent {
  readonly conversationId: string;
  readonly epoch: number;
  readonly seq: number;
  readonly type: EventType;
  readonly at: string;
  readonly actorId: string | null;
  readonly data: EventData;
}

/** How far somebody has got in a log. */
export interface LogCursor {
  readonly epoch: number;
  readonly seq: number;
}

/** Where a log stands. */
export interface LogHead extends LogCursor {
  readonly conversationId: string;
  /** The first event that is still kept. */
  readonly firstSeq: number;
}
