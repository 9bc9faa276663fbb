import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { LinkedBuses } from '../../../../test/support/linked-buses.js';
import type { RoomSocket } from '../../../platform/realtime/realtime.js';
import type { ChatEvent } from '../chat.types.js';
import { conversationRoom, type ChatSockets } from '../log/chat-sockets.js';
import type { ConversationFeed } from '../log/conversation-feed.service.js';
import { ChatTimings } from './chat-timings.js';
import type { PostingRights } from './posting-rights.service.js';
import { Typing } from './typing.service.js';

const part = { conversationId: 'c', memberId: 'ada' };
const socket = { rooms: new Set([conversationRoom('c')]) } as unknown as RoomSocket;
let buses: LinkedBuses;
let processes: Typing[];
/** Why nothing can be sent. */
let refusal: Error | undefined;

function start() {
  const told: [string, boolean][] = [];
  const listeners: ((event: ChatEvent) => void)[] = [];
  const sockets = { countIn: () => 2, toOthers: (room: string, memberId: string, _: string, payload: { typing: boolean }) => void told.push([`${room} ${memberId}`, payload.typing]) } as unknown as ChatSockets;
  const feed = { onEvent: (listener: (event: ChatEvent) => void) => void listeners.push(listener) } as unknown as ConversationFeed;
  const rights = { check: async () => refusal && Promise.reject(refusal) } as unknown as PostingRights;
  const typing = new Typing(sockets, buses.add(), new ChatTimings(), rights, feed);
  processes.push(typing);
  const states = () => told.splice(0).map(([to, state]) => (expect(to).toBe('conversation:c ada'), state));
  return { typing, states, hear: (event: object) => listeners.forEach((listener) => listener(event as ChatEvent)) };
}

beforeEach(() => {
  jest.useFakeTimers();
  [buses, processes, refusal] = [new LinkedBuses(), [], undefined];
});
afterEach(() => {
  processes.forEach((typing) => typing.onModuleDestroy());
  jest.useRealTimers();
});

it('who types is told of at most every 2 s, and stops 5 s after the last sign', async () => {
  const { typing, states } = start();
  for (let i = 0; i < 40; i += 1) {
    await typing.note(socket, part);
    jest.advanceTimersByTime(100);
  }
  expect(states()).toEqual([true, true]);
  jest.advanceTimersByTime(4_800);
  expect(states()).toEqual([]);
  jest.advanceTimersByTime(200);
  expect(states()).toEqual([false]);
  jest.advanceTimersByTime(60_000);
  expect(states()).toEqual([]);
});

it.each([
  ['has sent a message', { type: 'message.created', conversationId: 'c', actorId: 'ada', data: {} }, [false]],
  ['has left', { type: 'member.left', conversationId: 'c', actorId: 'ben', data: { memberId: 'ada' } }, [false]],
  ['hears a message of another', { type: 'message.created', conversationId: 'c', actorId: 'ben', data: {} }, []],
  ['has sent one elsewhere', { type: 'message.created', conversationId: 'd', actorId: 'ada', data: {} }, []],
])('who %s', async (_, event, expected) => {
  const { typing, states, hear } = start();
  await typing.note(socket, part);
  expect(states()).toEqual([true]);
  hear(event);
  expect(states()).toEqual(expected);
});

it('who is not in the room does not type', async () => {
  const { typing, states } = start();
  await expect(typing.note(socket, { ...part, conversationId: 'd' })).rejects.toEqual(expect.objectContaining({ code: 'not-found' }));
  expect(states()).toEqual([]);
});

it('who could send nothing is not told of', async () => {
  const { typing, states } = start();
  refusal = new Error('muted');
  await expect(typing.note(socket, part)).rejects.toBe(refusal);
  expect(states()).toEqual([]);
});

it('other processes tell it, and go on without a gap', async () => {
  const [here, there] = [start(), start()];
  for (let i = 0; i < 10; i += 1) {
    await here.typing.note(socket, part);
    jest.advanceTimersByTime(1_900);
  }
  expect(there.states().every(Boolean)).toBe(true);
  // Sooner than it would be found there.
  jest.advanceTimersByTime(3_150);
  expect(there.states()).toEqual([false]);
});

it('a process that died types no more', async () => {
  const [here, there] = [start(), start()];
  await here.typing.note(socket, part);
  buses.isCut = true;
  jest.advanceTimersByTime(7_000);
  expect(there.states()).toEqual([true, false]);
});
