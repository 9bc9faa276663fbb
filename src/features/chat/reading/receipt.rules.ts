import { notFound } from '../../../platform/errors/house.errors.js';
import { seqAhead } from '../chat.errors.js';
import { refusalToRead } from '../chat.rules.js';
import type { PartMark, ReadMark, StoredMark } from './reading.types.js';

/** The farther of two marks of one member, each half for itself. What is read has been delivered. */
export function newest<Mark extends ReadMark>(one: Mark | undefined, other: Mark): Mark {
  const readSeq = Math.max(one?.readSeq ?? 0, other.readSeq);
  return { ...other, readSeq, deliveredSeq: Math.max(readSeq, one?.deliveredSeq ?? 0, other.deliveredSeq) };
}

/** Whether a mark is farther than another in either half. */
export function isBeyond(one: ReadMark, other: ReadMark): boolean {
  return one.readSeq > other.readSeq || one.deliveredSeq > other.deliveredSeq;
}

/**
 * Why a receipt counts for nothing; undefined when it does not.
 *
 * @param stored the member's mark; undefined when they are not in the conversation
 * @param lastSeq where its log ends; undefined when there is none
 */
export function refusalOf({ readSeq, deliveredSeq }: ReadMark, stored: StoredMark | undefined, lastSeq: number | undefined): Error | undefined {
  if (stored === undefined || lastSeq === undefined) return notFound();
  return refusalToRead(stored, stored.now) ?? (Math.max(readSeq, deliveredSeq) > lastSeq ? seqAhead({ lastSeq }) : undefined);
}

/** Marks of one conversation that are the same, and whose they are. */
export interface SameMark extends ReadMark {
  readonly conversationId: string;
  readonly memberIds: string[];
}

/** Puts together what one statement can move: the members of a room mostly acknowledge the same event. By the keys of the rows, so that deadlocks are rare. */
export function bySameMark(marks: readonly PartMark[]): SameMark[] {
  const groups = new Map<string, SameMark>();
  const sorted = [...marks].sort((a, b) => compare(a.conversationId, b.conversationId) || compare(a.memberId, b.memberId));
  for (const { conversationId, memberId, readSeq, deliveredSeq } of sorted) {
    const key = `${conversationId}|${readSeq}|${deliveredSeq}`;
    const group = groups.get(key) ?? { conversationId, readSeq, deliveredSeq, memberIds: [] };
    groups.set(key, group);
    group.memberIds.push(memberId);
  }
  return [...groups.values()];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
