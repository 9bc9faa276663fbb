export const PRESENCE_STATES = ['online', 'offline'] as const;
export type PresenceState = (typeof PRESENCE_STATES)[number];

/** Whether a member is there. */
export interface MemberPresence {
  readonly memberId: string;
  readonly state: PresenceState;
  /** The last event of one of their sockets, RFC 3339; null when none is remembered. */
  readonly lastActiveAt: string | null;
}
