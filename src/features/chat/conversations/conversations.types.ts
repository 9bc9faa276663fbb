import type { ChatMessage, ConversationRole, ConversationSettings, Notify, Posting } from '../chat.types.js';

/** A conversation as one of its members sees it. */
export interface Conversation extends ConversationSettings {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly lastNo: number;
  readonly createdAt: string;
  /** In a dm: the other one. */
  readonly peerId: string | null;
  readonly role: ConversationRole;
  readonly notify: Notify;
  readonly mutedUntil: string | null;
  /** Messages after what I have read, from others that I have not blocked, that are still there. */
  readonly unread: number;
  /** Those of them that call me by name. */
  readonly mentions: number;
  readonly myReadSeq: number;
  readonly lastMessage: ChatMessage | null;
}

/** What a conversation is made of. */
export interface ConversationDraft {
  readonly kind: ConversationSettings['kind'];
  readonly memberIds: readonly string[];
  readonly title?: string | null;
}

/** Somebody's part in a conversation, as everybody in it sees it. */
export interface ConversationMember {
  readonly memberId: string;
  readonly role: ConversationRole;
  readonly joinedAt: string;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly mutedUntil: string | null;
  readonly bannedUntil: string | null;
}

/** Some of those who are in a conversation, and how many there are in all. */
export interface ConversationMembers {
  readonly members: ConversationMember[];
  readonly memberCount: number;
}

/** A conversation, and who is in it: those who have been in it for longest, where there are very many. */
export type ConversationDetails = Conversation & ConversationMembers;

/** What is to become different about a conversation: what is left out stays. */
export interface ConversationChange {
  readonly title?: string | null;
  readonly slowModeSeconds?: number;
  readonly posting?: Posting;
  readonly archived?: boolean;
}

/** What is to become different about somebody's part: what is left out stays, null lifts. */
export interface PartChange {
  readonly role?: ConversationRole;
  readonly mutedUntil?: Date | null;
  readonly bannedUntil?: Date | null;
  readonly notify?: Notify;
}

/** Somebody whom a member has blocked. */
export interface Block {
  readonly memberId: string;
  /** Since when. */
  readonly at: string;
}
