import type { ChatMessage } from '../chat.types.js';
import type { Standing } from '../chat.rules.js';
import type { HeldConversation } from '../conversations/conversation.repository.js';

/** A message while nothing else can happen in its conversation, and what the member who acts on it is there. */
export interface HeldMessage {
  readonly message: ChatMessage;
  readonly conversation: HeldConversation;
  /** Undefined for who is not in the conversation. */
  readonly standing: Standing | undefined;
  /** In a dm: whether one has blocked the other. */
  readonly isBlocked: boolean;
}

/** What a member wants a message of theirs to say, and which version of it they have seen. */
export interface MessageEdit {
  readonly text: string | null;
  readonly version: number;
}

/** Who deletes a message that may not be theirs. */
export interface Deleter {
  readonly memberId: string;
  /** Keeps order in the whole community. */
  readonly isModerator: boolean;
  /** Whether somebody has reported the message. */
  readonly isReported: boolean;
}
