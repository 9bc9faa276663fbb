import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LogHead } from '../chat.types.js';
import { MOST_LISTED, PollCursor } from './poll-cursor.rules.js';

type Head = LogHead & { joinedSeq: number };
const head = (conversationId: string, given: Partial<Head> = {}): Head => ({ conversationId, epoch: 1, firstSeq: 1, seq: Number.MAX_SAFE_INTEGER, joinedSeq: 5, ...given });
const cursorOf = (seqs: Map<string, number>) => PollCursor.of([...seqs.keys()].map((id) => head(id)), seqs);
const id = (n: number) => `0190a7c4-5b1e-7c3a-9d52-${n.toString(16).padStart(12, '0')}`;

describe('a cursor of all logs', () => {
  it('remembers each', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.tuple(fc.uuid(), fc.maxSafeNat()), { selector: ([uuid]) => uuid.slice(-10) }), (entries) => {
      const read = PollCursor.from(cursorOf(new Map(entries)).text);
      for (const [uuid, seq] of entries) expect(read.seqOf(head(uuid))).toBe(seq);
    }));
  });

  it('takes what was joined since as had up to the joining', () => {
    expect(cursorOf(new Map([[id(1), 9]])).seqOf(head(id(2)))).toBe(4);
  });

  it('stays within the log', () => {
    const cursor = cursorOf(new Map([[id(1), 9]]));
    expect([cursor.seqOf(head(id(1), { seq: 7 })), cursor.seqOf(head(id(1), { firstSeq: 20 }))]).toEqual([7, 19]);
  });

  it('of two that look alike it takes what was had of both', () => {
    const [one, other] = ['aaaaaaaa-0000-7000-8000-000000000001', 'bbbbbbbb-0000-7000-8000-000000000001'];
    expect(cursorOf(new Map([[one!, 9], [other!, 3]])).seqOf(head(one!))).toBe(3);
  });

  it('of too many remembers the newest, and fits into an address', () => {
    const seqs = new Map(Array.from({ length: MOST_LISTED + 100 }, (_, n) => [id(n), 100_000]));
    const { text } = cursorOf(seqs);
    expect(text.length).toBeLessThan(10_000);
    const read = PollCursor.from(text);
    expect([read.seqOf(head(id(0))), read.seqOf(head(id(MOST_LISTED - 1))), read.seqOf(head(id(MOST_LISTED), { seq: 7 }))]).toEqual([100_000, 100_000, 7]);
  });
});
