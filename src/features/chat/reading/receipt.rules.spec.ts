import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bySameMark, isBeyond, newest, refusalOf } from './receipt.rules.js';
import type { PartMark, StoredMark } from './reading.types.js';

const now = new Date('2026-03-01T12:00:00Z');
const stored = (given: Partial<StoredMark> = {}): StoredMark => ({ conversationId: 'c', memberId: 'm', readSeq: 3, deliveredSeq: 5, bannedUntil: null, now, ...given });
const anySeq = fc.nat({ max: 20 });
const anyMark = fc.record<PartMark>({ conversationId: fc.constantFrom('a', 'b'), memberId: fc.constantFrom('x', 'y', 'z'), readSeq: anySeq, deliveredSeq: anySeq });

describe('the newest of two marks', () => {
  it.each([
    ['the first that there is', undefined, [4, 2], [4, 4]],
    ['each half for itself', [3, 9], [5, 6], [5, 9]],
    ['delivered as far as it is read', [0, 2], [7, 0], [7, 7]],
    ['what was there', [7, 8], [1, 1], [7, 8]],
  ])('is %s', (_, one, other, expected) => {
    const mark = ([readSeq, deliveredSeq]: number[]) => ({ readSeq: readSeq!, deliveredSeq: deliveredSeq! });
    expect(newest(one && mark(one), mark(other))).toEqual(mark(expected));
  });

  it('is the same in whatever order they came, and never goes back', () => {
    fc.assert(
      fc.property(fc.array(anyMark, { minLength: 1 }), (marks) => {
        const sum = (of: readonly PartMark[]) => of.reduce<PartMark | undefined>((one, mark) => newest(one, { ...mark, conversationId: 'c', memberId: 'm' }), undefined)!;
        expect(sum([...marks].reverse())).toEqual(sum(marks));
        for (const mark of marks) expect(isBeyond(mark, sum(marks))).toBe(false);
      }),
    );
  });
});

it.each([
  ['of who is not in the conversation', [1, 1], undefined, 9, 'not-found'],
  ['where there is no conversation', [1, 1], stored(), undefined, 'not-found'],
  ['of who is banned', [1, 1], stored({ bannedUntil: new Date(now.getTime() + 1) }), 9, 'chat.banned'],
  ['read beyond the log', [10, 0], stored(), 9, 'chat.seq-ahead'],
  ['delivered beyond the log', [0, 10], stored(), 9, 'chat.seq-ahead'],
])('a receipt %s is refused', (_, [readSeq, deliveredSeq], mark, lastSeq, code) => {
  expect(refusalOf({ readSeq: readSeq!, deliveredSeq: deliveredSeq! }, mark, lastSeq)).toMatchObject({ code });
});

it.each([
  ['of the last event', 9, stored()],
  ['behind where its member is', 1, stored()],
  ['of whose ban is over', 9, stored({ bannedUntil: now })],
])('a receipt %s is taken', (_, seq, mark) => {
  expect(refusalOf({ readSeq: seq, deliveredSeq: seq }, mark, 9)).toBeUndefined();
});

it('marks are put together without losing or mixing any', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyMark, { selector: ({ conversationId, memberId }) => conversationId + memberId }), (marks) => {
      const groups = bySameMark(marks);
      const apart = groups.flatMap(({ memberIds, ...mark }) => memberIds.map((memberId) => ({ ...mark, memberId })));
      const text = ({ conversationId, memberId, readSeq, deliveredSeq }: PartMark) => [conversationId, memberId, readSeq, deliveredSeq].join();
      expect(apart.map(text).sort()).toEqual(marks.map(text).sort());
      expect(new Set(groups.map((group) => text({ ...group, memberId: '' }))).size).toBe(groups.length);
    }),
  );
});
