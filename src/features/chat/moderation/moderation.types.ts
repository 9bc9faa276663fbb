import type { ChatMessage } from '../chat.types.js';

export const REPORT_STATES = ['open', 'resolved'] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** What a member objects to. */
export interface MessageReport {
  readonly id: string;
  readonly messageId: string;
  readonly reason: string;
  readonly createdAt: string;
}

/** A report as moderators of the community see it; times are RFC 3339. */
export interface ReportedMessage {
  readonly id: string;
  readonly state: ReportState;
  readonly reason: string;
  /** Null when they are no member any more; likewise `resolvedBy`. */
  readonly reporterId: string | null;
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  /** As it is now: by the report that one message was shown to moderators. */
  readonly message: ChatMessage;
}
