import type { ChatMessage, MessageFile } from '../chat.types.js';

/** A message that somebody wants to send, checked as far as it can be without the conversation. */
export interface Send {
  readonly conversationId: string;
  readonly senderId: string;
  /** A UUID that the client made: the same one is the same message. */
  readonly clientId: string;
  readonly text: string | null;
  readonly files: readonly MessageFile[];
  readonly replyTo: string | null;
  readonly threadRoot: string | null;
  readonly mentions: readonly string[];
  readonly bodyHash: Buffer;
  /** What is in its way, unless it was stored before. */
  readonly refusal?: Error;
}

/** A message that is stored. */
export interface Sent {
  readonly message: ChatMessage;
  /** It had been stored before. */
  readonly duplicate: boolean;
}

/** What a client sends. */
export interface MessageDraft {
  readonly clientId: string;
  readonly text?: string;
  readonly fileIds?: readonly string[];
  readonly replyTo?: string;
  readonly threadRoot?: string;
}
