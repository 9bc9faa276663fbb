import type { Part } from '../conversations/membership.repository.js';

/** How far somebody has come. */
export interface ReadMark {
  readonly readSeq: number;
  readonly deliveredSeq: number;
}

/** How far a member has come in a conversation. */
export type PartMark = Part & ReadMark;

/** How far a member has come as the database has it, and whether they may say so. */
export type StoredMark = PartMark & { readonly bannedUntil: Date | null; readonly now: Date };
