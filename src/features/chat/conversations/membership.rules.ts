import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { moderates, type Standing } from '../chat.rules.js';
import type { ConversationKind, ConversationRole } from '../chat.types.js';
import type { PartChange } from './conversations.types.js';

const RANK: Readonly<Record<ConversationRole, number>> = { member: 0, moderator: 1, owner: 2 };

/** What others may change about somebody's part. */
export type Rank = Pick<Standing, 'role' | 'mutedUntil' | 'bannedUntil'>;

/** Somebody in a conversation. */
export interface Participant {
  readonly memberId: string;
  readonly role: ConversationRole;
}

/** Whether one may keep order over the other: nobody over their equals, nor over themselves. */
export function outranks(role: ConversationRole, other: ConversationRole): boolean {
  return RANK[role] > RANK[other];
}

/** Whether somebody may set a conversation up, and say who is in it. A dm belongs to both alike. */
export function manages(kind: ConversationKind, role: ConversationRole): boolean {
  return kind !== 'dm' && moderates(role);
}

/** Whether somebody may take another one out: an owner everybody, a moderator lower ranks. Who is out has none, and could be banned. */
export function mayRemove(role: ConversationRole, other: ConversationRole): boolean {
  return role === 'owner' || outranks(role, other);
}

/** Whether somebody may change a part in this way. */
export function mayChange(actor: Participant, target: Participant, { role, mutedUntil, bannedUntil, notify }: PartChange): boolean {
  if (role !== undefined && actor.role !== 'owner') return false;
  if (notify !== undefined && actor.memberId !== target.memberId) return false;
  return (mutedUntil === undefined && bannedUntil === undefined) || outranks(actor.role, target.role);
}

/** How a part is after a change. Becoming an owner lifts mute and ban. @throws requestInvalid for an owner under either */
export function changedRank(rank: Rank, { role = rank.role, mutedUntil, bannedUntil }: PartChange): Rank {
  if (role !== 'owner') {
    return { role, mutedUntil: mutedUntil === undefined ? rank.mutedUntil : mutedUntil, bannedUntil: bannedUntil === undefined ? rank.bannedUntil : bannedUntil };
  }
  const [path] = Object.entries({ mutedUntil, bannedUntil }).find(([, until]) => until instanceof Date) ?? [];
  if (path !== undefined) throw requestInvalid({ errors: [{ path, message: 'an owner is neither muted nor banned' }] });
  return { role, mutedUntil: null, bannedUntil: null };
}

/** What is different between two: the names of the fields. */
export function differenceOf(before: Rank, after: Rank): (keyof Rank)[] {
  return (['role', 'mutedUntil', 'bannedUntil'] as const).filter((field) => valueOf(before[field]) !== valueOf(after[field]));
}

const valueOf = (value: Rank[keyof Rank]) => (value instanceof Date ? value.getTime() : value);
