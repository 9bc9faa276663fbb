import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Actor } from '../../../platform/auth/actor.js';
import type { Authenticator } from '../../../platform/auth/authenticator.js';
import type { Database } from '../../../platform/database/database.js';
import { authRequired } from '../../../platform/errors/house.errors.js';
import type { Realtime, RoomSocket } from '../../../platform/realtime/realtime.js';
import type { Poll } from '../poll.types.js';
import type { VoterRepository } from '../voter.repository.js';
import { PollAudience } from './poll-audience.service.js';
import { pollRoom, resultsRoom } from './poll-rooms.rules.js';

const poll = (given: Partial<Poll> = {}) => ({ id: 'p', state: 'open', electorate: 'all', results: 'after-vote', allowChange: false, ...given }) as Poll;

/** A socket without a network. */
class Listener {
  readonly rooms = new Set([pollRoom('p')]);
  constructor(readonly actor: Actor) {}
  join = (room: string) => void this.rooms.add(room);
  leave = (room: string) => void this.rooms.delete(room);
  get hears(): boolean {
    return this.rooms.has(resultsRoom('p'));
  }
}

let listeners: Listener[];
let voted: Set<string>;
/** Members whose session has ended. */
let gone: Set<string>;
/** Whom the database was asked about, each time. */
let asked: string[][];
let audience: PollAudience;

beforeEach(() => {
  listeners = ['a', 'b', 'b'].map((memberId) => new Listener({ memberId } as Actor));
  [voted, gone, asked] = [new Set(), new Set(), []];
  audience = new PollAudience(
    {} as Database,
    { inRoom: () => listeners.map((listener) => ({ socket: listener as unknown as RoomSocket, actor: listener.actor })) } as unknown as Realtime,
    { renew: (actor: Actor) => (gone.has(actor.memberId) ? Promise.reject(authRequired()) : Promise.resolve(actor)) } as unknown as Authenticator,
    { votersIn: (_: Database, __: string, ids: string[]) => (asked.push(ids), Promise.resolve(new Set(ids.filter((id) => voted.has(id))))) } as unknown as VoterRepository,
  );
});

const hearing = () => listeners.map(({ hears }) => hears);

describe('where counts are for those who have voted', () => {
  it('nobody is asked about again who has voted for good', async () => {
    expect(await audience.settle(poll())).toBe(false);
    voted.add('b');
    expect(await audience.settle(poll())).toBe(true);
    expect(hearing()).toEqual([false, true, true]);
    await audience.settle(poll());
    expect(hearing()).toEqual([false, true, true]);
    expect(asked).toEqual([['a', 'b'], ['a', 'b'], ['a']]);
  });

  it('everybody is where a vote can be taken back', async () => {
    voted.add('b');
    await audience.settle(poll({ allowChange: true }));
    expect(hearing()).toEqual([false, true, true]);
    voted.delete('b');
    expect(await audience.settle(poll({ allowChange: true }))).toBe(false);
    expect(hearing()).toEqual([false, false, false]);
  });

  it.each(['all', 'public'] as const)('whose session has ended is shown out, electorate %s', async (electorate) => {
    voted.add('b');
    await audience.settle(poll({ electorate }));
    gone.add('b');
    expect(await audience.settle(poll({ electorate }))).toBe(false);
    expect(hearing()).toEqual([false, false, false]);
  });
});
