import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LinkedBuses } from '../../../../test/support/linked-buses.js';
import type { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { ProcessBus } from '../../../platform/realtime/process-bus.js';
import type { ConversationAccess } from '../conversations/conversation-access.service.js';
import type { ChatSockets } from '../log/chat-sockets.js';
import type { AudienceRepository } from './audience.repository.js';
import { ChatTimings } from './chat-timings.js';
import { ConversationSizes } from './conversation-sizes.service.js';
import { PresenceRoster } from './presence-roster.service.js';
import { Presence } from './presence.service.js';

const SECOND = 1_000;
/** The conversations of everybody, and how many members each has. */
const CONVERSATIONS: Record<string, string[]> = { ada: ['garden', 'dm'], ben: ['garden', 'dm', 'hall'], eve: ['other'], mob: ['hall'] };
const SIZES = new Map([['garden', 200], ['dm', 2], ['other', 1], ['hall', 201]]);
const timings = new ChatTimings();

let buses: LinkedBuses;
/** A process that tells sockets of every conversation. */
interface Process {
  readonly bus: ProcessBus;
  readonly presence: Presence;
  readonly roster: PresenceRoster;
  readonly told: { rooms: string[]; memberId: string; state: string }[];
}
let processes: Process[];

function start(): Process {
  const bus = buses.add();
  const told: Process['told'] = [];
  const audience = {
    listParts: async (_: unknown, ids: string[]) => ids.flatMap((memberId) => CONVERSATIONS[memberId]!.map((conversationId) => ({ conversationId, memberId }))),
    listSharing: async (_: unknown, memberId: string, among: string[]) => new Set(among.filter((id) => CONVERSATIONS[id]!.some((one) => CONVERSATIONS[memberId]!.includes(one)))),
    countMembers: () => Promise.resolve(SIZES),
  } as unknown as AudienceRepository;
  const read = async (memberId: string, id: string) => {
    if (!CONVERSATIONS[memberId]!.includes(id)) throw notFound();
  };
  const access = { read } as unknown as ConversationAccess;
  const toOthers = (rooms: string[], memberId: string, _: string, { state }: { state: string }) => void told.push({ rooms, memberId, state });
  const sockets = { countIn: () => 1, toOthers } as unknown as ChatSockets;
  const roster = new PresenceRoster(bus, timings);
  const database = {} as Database;
  const presence = new Presence(database, audience, access, new ConversationSizes(database, audience), roster, sockets, timings);
  roster.onApplicationBootstrap();
  const process = { bus, presence, roster, told };
  // Somebody listens here, or nobody would be told.
  roster.arrive('eve', `listener-${processes.length}`);
  processes.push(process);
  return process;
}
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const statesOf = ({ told }: Process, of = 'ada') => told.filter(({ memberId }) => memberId === of).map(({ state }) => state);
const end = async (process: Process) => {
  process.roster.onModuleDestroy();
  await process.presence.onModuleDestroy();
};

beforeEach(() => {
  jest.useFakeTimers();
  [buses, processes] = [new LinkedBuses(), []];
});
afterEach(async () => {
  await Promise.all(processes.map(end));
  jest.useRealTimers();
});

describe('a member', () => {
  it('is online with the first socket, and offline 30 s after the last', async () => {
    const here = start();
    for (const id of ['1', '2']) here.roster.arrive('ada', id);
    await pass(SECOND);
    expect(here.told.filter(({ memberId }) => memberId === 'ada')).toEqual([{ memberId: 'ada', state: 'online', rooms: ['conversation:garden', 'conversation:dm'] }]);
    here.roster.leave('ada', '1');
    await pass(60 * SECOND);
    here.roster.leave('ada', '2');
    await pass(29 * SECOND);
    expect(statesOf(here)).toEqual(['online']);
    await pass(2 * SECOND);
    expect(statesOf(here)).toEqual(['online', 'offline']);
  });

  it('who is back within 30 s has not been away', async () => {
    const here = start();
    here.roster.arrive('ada', '1');
    for (let i = 2; i < 10; i += 1) {
      await pass(SECOND);
      here.roster.leave('ada', String(i - 1));
      await pass(29 * SECOND);
      here.roster.arrive('ada', String(i));
    }
    await pass(60 * SECOND);
    expect(statesOf(here)).toEqual(['online']);
  });

  it('in a large conversation is not told of there', async () => {
    const here = start();
    for (const id of ['ben', 'mob']) here.roster.arrive(id, id);
    await pass(SECOND);
    expect(here.told.filter(({ memberId }) => memberId !== 'eve')).toEqual([{ memberId: 'ben', state: 'online', rooms: ['conversation:garden', 'conversation:dm'] }]);
  });

  it('is shown to who shares a conversation, with the last event', async () => {
    const here = start();
    here.roster.arrive('ada', '1');
    await pass(5 * SECOND);
    here.roster.note('ada');
    const lastActiveAt = new Date().toISOString();
    expect(await here.presence.list('ben', ['ada', 'eve', 'ben'])).toEqual([{ memberId: 'ada', state: 'online', lastActiveAt }, { memberId: 'ben', state: 'offline', lastActiveAt: null }]);
    here.roster.leave('ada', '1');
    await pass(31 * SECOND);
    expect(await here.presence.list('ben', ['ada'])).toEqual([{ memberId: 'ada', state: 'offline', lastActiveAt }]);
  });
});

describe('over processes', () => {
  it('a member who moves from one to another has not been away', async () => {
    const [here, there] = [start(), start()];
    here.roster.arrive('ada', '1');
    await pass(SECOND);
    here.roster.leave('ada', '1');
    await pass(29 * SECOND);
    there.roster.arrive('ada', '2');
    await pass(60 * SECOND);
    for (const one of [here, there]) expect(statesOf(one)).toEqual(['online']);
    there.roster.leave('ada', '2');
    await pass(31 * SECOND);
    for (const one of [here, there]) expect(statesOf(one)).toEqual(['online', 'offline']);
  });

  it('a new one learns who is there', async () => {
    const here = start();
    here.roster.arrive('ada', '1');
    await here.presence.focus('ada', '1', 'garden');
    const there = start();
    await pass(SECOND);
    expect(statesOf(there)).toEqual(['online']);
    expect(there.roster.isFocused('ada', 'garden')).toBe(true);
  });

  it('members of one that died are offline when it was not heard of for 60 s', async () => {
    const [here, there] = [start(), start()];
    there.roster.arrive('ada', '1');
    there.roster.arrive('ben', '1');
    await pass(41 * SECOND);
    buses.remove(there.bus);
    await pass(38 * SECOND);
    expect(statesOf(here)).toEqual(['online']);
    // Ben has come back here.
    here.roster.arrive('ben', '2');
    await pass(22 * SECOND);
    expect(statesOf(here)).toEqual(['online', 'offline']);
    expect(statesOf(here, 'ben')).toEqual(['online']);
  });

  it('what was lost on the way is known after 20 s', async () => {
    const [here, there] = [start(), start()];
    await pass(SECOND);
    there.roster.arrive('ben', '1');
    buses.isCut = true;
    there.roster.leave('ben', '1');
    there.roster.arrive('ada', '1');
    buses.isCut = false;
    await pass(SECOND);
    expect(statesOf(here)).toEqual([]);
    await pass(20 * SECOND);
    expect(statesOf(here)).toEqual(['online']);
    await pass(31 * SECOND);
    expect(statesOf(here, 'ben')).toEqual(['online', 'offline']);
  });

  it('focus and sockets are known', async () => {
    const [here, there] = [start(), start()];
    for (const id of ['1', '2', '3']) there.roster.arrive('ada', id);
    expect(here.roster.countElsewhere('ada')).toBe(3);
    expect(there.roster.countElsewhere('ada')).toBe(0);
    await there.presence.focus('ada', '2', 'dm');
    expect([here, there].map(({ roster }) => roster.isFocused('ada', 'dm'))).toEqual([true, true]);
    await there.presence.focus('ada', '2', 'garden');
    expect([here, there].map(({ roster }) => [roster.isFocused('ada', 'dm'), roster.isFocused('ada', 'garden')])).toEqual([[false, true], [false, true]]);
    there.roster.leave('ada', '2');
    expect([here, there].map(({ roster }) => roster.isFocused('ada', 'garden'))).toEqual([false, false]);
    expect(here.roster.countElsewhere('ada')).toBe(2);
  });
});

describe('focus', () => {
  it('is refused where one is not in, and forgotten with null', async () => {
    const { presence, roster } = start();
    roster.arrive('ada', '1');
    await expect(presence.focus('ada', '1', 'other')).rejects.toMatchObject({ code: 'not-found' });
    await presence.focus('ada', '1', 'dm');
    expect(roster.isFocused('ada', 'dm')).toBe(true);
    await presence.focus('ada', '1', null);
    expect(roster.isFocused('ada', 'dm')).toBe(false);
  });

  it('of a socket that has gone meanwhile is none', async () => {
    const { presence, roster } = start();
    roster.arrive('ada', '1');
    roster.arrive('ada', '2');
    const focusing = presence.focus('ada', '1', 'dm');
    roster.leave('ada', '1');
    await focusing;
    expect(roster.isFocused('ada', 'dm')).toBe(false);
  });
});
