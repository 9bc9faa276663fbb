import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { LinkedBuses } from '../../../../test/support/linked-buses.js';
import type { ChatSockets } from '../log/chat-sockets.js';
import type { PartMark } from '../reading/reading.types.js';
import { ChatTimings } from './chat-timings.js';
import type { ConversationSizes } from './conversation-sizes.service.js';
import { ReceiptBoard } from './receipt-board.service.js';

let buses: LinkedBuses;
let boards: ReceiptBoard[];

function start() {
  const told: (PartMark & { at: number })[] = [];
  const sizes = { upTo: (most: number, ids: string[]) => (expect(most).toBe(100), Promise.resolve(new Set(ids.filter((id) => id !== 'large')))) } as unknown as ConversationSizes;
  const sockets = { toOthers: (room: string, memberId: string, event: string, mark: PartMark) => {
    expect([room, memberId, event]).toEqual([`conversation:${mark.conversationId}`, mark.memberId, 'receipt']);
    told.push({ ...mark, at: Date.now() });
  } } as unknown as ChatSockets;
  const board = new ReceiptBoard(sizes, sockets, buses.add(), new ChatTimings());
  boards.push(board);
  return { board, told };
}
const mark = (readSeq: number, given: Partial<PartMark> = {}): PartMark => ({ conversationId: 'c', memberId: 'm', readSeq, deliveredSeq: readSeq, ...given });
const seqs = (told: readonly PartMark[]) => told.map(({ readSeq }) => readSeq);

beforeEach(() => {
  jest.useFakeTimers();
  [buses, boards] = [new LinkedBuses(), []];
});
afterEach(async () => {
  await Promise.all(boards.map((board) => board.onModuleDestroy()));
  jest.useRealTimers();
});

it('of what comes within 250 ms the newest is told, here and elsewhere', async () => {
  const [here, there] = [start(), start()];
  here.board.post([mark(1), mark(3), mark(2)]);
  here.board.post([mark(2, { memberId: 'n' })]);
  await jest.advanceTimersByTimeAsync(1_000);
  for (const { told } of [here, there]) expect(told).toMatchObject([{ memberId: 'm', readSeq: 3, deliveredSeq: 3 }, { memberId: 'n', readSeq: 2 }]);
});

it('nothing is told that is older than what was told', async () => {
  const { board, told } = start();
  board.post([mark(5)]);
  await jest.advanceTimersByTimeAsync(300);
  board.post([mark(4), mark(5)]);
  await jest.advanceTimersByTimeAsync(300);
  board.post([mark(4, { deliveredSeq: 6 })]);
  await jest.advanceTimersByTimeAsync(300);
  expect(told).toMatchObject([{ readSeq: 5, deliveredSeq: 5 }, { readSeq: 5, deliveredSeq: 6 }]);
});

it('a large conversation is spared', async () => {
  const [here, there] = [start(), start()];
  here.board.post([mark(1, { conversationId: 'large' })]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect([here.told, there.told]).toEqual([[], []]);
});

it('whenever they come, at most one in 250 ms is told, and the newest in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: 400 }), fc.boolean()), { minLength: 1, maxLength: 30 }), async (schedule) => {
      const both = [start(), start()] as const;
      for (const [i, [wait, isHere]] of schedule.entries()) {
        both[isHere ? 0 : 1].board.post([mark(i + 1)]);
        await jest.advanceTimersByTimeAsync(wait);
      }
      await jest.advanceTimersByTimeAsync(1_000);
      for (const { told } of both) {
        expect(seqs(told).at(-1)).toBe(schedule.length);
        expect(seqs(told)).toEqual([...new Set(seqs(told))].sort((a, b) => a - b));
        for (let i = 1; i < told.length; i += 1) expect(told[i]!.at - told[i - 1]!.at).toBeGreaterThanOrEqual(250);
      }
    }),
    { numRuns: 50 },
  );
});
