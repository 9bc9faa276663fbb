import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import type { Database } from '../../../platform/database/database.js';
import type { Realtime, RoomSocket } from '../../../platform/realtime/realtime.js';
import { eventually } from '../../../../test/support/eventually.js';
import type { PollAccess } from '../poll-access.service.js';
import type { Poll } from '../poll.types.js';
import type { PollResults } from '../results/poll-results.service.js';
import type { PollResult } from '../results/results.types.js';
import type { PollAudience } from './poll-audience.service.js';
import type { PollPulseRepository } from './poll-pulse.repository.js';
import { pollRoom, resultsRoom } from './poll-rooms.rules.js';
import { PollWatch } from './poll-watch.service.js';

const actor = {} as Actor;
const pollAt = (version: number) => ({ id: 'p', state: 'open', version }) as Poll;

/** A socket without a network. */
class Listener {
  readonly rooms = new Set<string>();
  /** The versions of the counts that it was sent. */
  readonly sent: number[] = [];
  join = (room: string | string[]) => void this.rooms.add(String(room));
  leave = (room: string) => void this.rooms.delete(room);
  get socket(): RoomSocket {
    return this as unknown as RoomSocket;
  }
}

/** The moments that a test must hold still, which no database can be made to. */
let listeners: Listener[];
let version: number;
let counted: number;
let seesResults: () => Promise<boolean>;
/** The call that the database does not answer. */
let failing: string | undefined;
let failed: number;
let settled: number;
let watch: PollWatch;

beforeEach(() => {
  Logger.overrideLogger(false);
  [listeners, version, counted, failing, failed, settled] = [[], 1, 1, undefined, 0, 0];
  seesResults = () => Promise.resolve(true);
  const inRoom = (room: string) => listeners.filter(({ rooms }) => rooms.has(room));
  const answer = async <T>(call: string, value: T): Promise<T> => {
    if (call !== failing) return value;
    failed += 1;
    throw new Error('the database is away');
  };
  watch = new PollWatch(
    {} as Database,
    { list: () => answer('list', [pollAt(version)]) } as unknown as PollPulseRepository,
    { get: () => answer('get', pollAt(version)), find: () => answer('find', pollAt(version)), seesResults: () => seesResults() } as unknown as PollAccess,
    { current: () => answer('current', { version: counted } as PollResult) } as unknown as PollResults,
    {
      settle: ({ id }: Poll) => {
        settled += 1;
        inRoom(pollRoom(id)).forEach((listener) => listener.join(resultsRoom(id)));
        return answer('settle', true);
      },
    } as unknown as PollAudience,
    {
      inRoom: (room: string) => inRoom(room).map(({ socket }) => ({ socket, actor })),
      toRoom: (room: string, event: string, payload: PollResult) => inRoom(room).forEach(({ sent }) => event === 'poll.result' && sent.push(payload.version)),
    } as unknown as Realtime,
  );
});
afterEach(() => watch.onModuleDestroy());

async function subscribed(): Promise<{ listener: Listener; shown: number | undefined }> {
  const listener = new Listener();
  listeners.push(listener);
  const { result } = await watch.subscribe(listener.socket, actor, 'p');
  return { listener, shown: result?.version };
}

describe('who subscribes', () => {
  it('is let in at the next look when the poll moved while that was found out', async () => {
    const { listener: other } = await subscribed();
    let answer: (sees: boolean) => void = () => undefined;
    seesResults = () => new Promise((resolve) => (answer = resolve));
    const late = subscribed();
    await Promise.resolve();
    version = counted = 2;
    await eventually(() => expect(other.sent).toEqual([2]));
    // As things were before it moved.
    answer(false);
    const { listener, shown } = await late;
    expect([shown, listener.rooms.has(resultsRoom('p'))]).toEqual([undefined, false]);
    await eventually(() => expect(listener.sent).toEqual([2]));
  });

  it('is shown nothing older than what somebody was shown, nor sent it', async () => {
    counted = 3;
    const { listener } = await subscribed();
    [version, counted] = [2, 2];
    await eventually(() => expect(settled).toBeGreaterThan(1));
    expect(listener.sent).toEqual([]);
    expect((await subscribed()).shown).toBe(3);
    version = counted = 4;
    await eventually(() => expect(listener.sent).toEqual([4]));
  });
});

it.each(['list', 'find', 'settle', 'current'])('goes on when the database was away for %s', async (call) => {
  const { listener } = await subscribed();
  failing = call;
  version = counted = 2;
  await eventually(() => expect(failed).toBeGreaterThan(1));
  expect(listener.sent).toEqual([]);
  failing = undefined;
  await eventually(() => expect(listener.sent).toEqual([2]));
});
