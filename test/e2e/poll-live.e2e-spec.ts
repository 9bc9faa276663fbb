import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'socket.io-client';
import { DeviceTokens } from '../../src/features/voting/casting/device-tokens.service.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { givenPoll, type GivenPoll, type GivenPollOptions } from '../support/given-polls.js';
import { acknowledgementOf, connectSocket } from '../support/sockets.js';

interface Result {
  pollId: string;
  totalVotes: number;
  version: number;
  final: boolean;
  candidates: { candidateId: string; votes: number }[];
}
interface Subscribed {
  ok: boolean;
  data?: { pollId: string; state: string; can: { seeResults: boolean }; result?: Result };
  error?: { code: string };
}
/** A socket that writes down what it hears. */
interface Listener {
  socket: Socket;
  states: string[];
  results: Result[];
  /** When each of the results came, in milliseconds. */
  times: number[];
}

let app: TestApp;
/** Another process, as far as the database can tell. */
let twin: TestApp;
let members: GivenMember[];
let moderator: GivenMember;
const sockets: Socket[] = [];

beforeAll(async () => {
  app = await createTestApp();
  twin = await createTestApp({ APP_SECRET: app.secret });
  members = [await app.given.member(), await app.given.member(), await app.given.member()];
}, 60_000);
beforeEach(async () => {
  moderator = await app.given.member({ role: 'moderator' });
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(async () => {
  await twin.close();
  await app.close();
});

const given = (options: GivenPollOptions = {}) => givenPoll(app.app.get(Transactions), options);
const write = (sql: string, parameters: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
const vote = (member: GivenMember, { id, candidates }: GivenPoll, candidate = 0, { http } = app) =>
  http.post(`/api/polls/${id}/votes`).set(member.auth).send({ candidateId: candidates[candidate] }).expect(201);
const resultOf = async ({ id }: GivenPoll, member = members[0]!) => (await app.http.get(`/api/polls/${id}/result`).set(member.auth).expect(200)).body as Result;

async function connect(member: GivenMember, { url } = app): Promise<Listener> {
  const socket = await connectSocket(url, member.accessToken);
  sockets.push(socket);
  const listener: Listener = { socket, states: [], results: [], times: [] };
  socket.on('poll.state', ({ state }: { state: string }) => listener.states.push(state));
  socket.on('poll.result', (result: Result) => {
    listener.results.push(result);
    listener.times.push(performance.now());
  });
  return listener;
}
const subscribe = ({ socket }: Listener, { id }: { id: string }) => acknowledgementOf(socket, 'poll.subscribe', { pollId: id }) as Promise<Subscribed>;
async function listening(member: GivenMember, poll: GivenPoll, where = app): Promise<Listener> {
  const listener = await connect(member, where);
  expect(await subscribe(listener, poll)).toMatchObject({ ok: true });
  return listener;
}
const hears = ({ results }: Listener, totalVotes: number) => eventually(() => expect(results.at(-1)).toMatchObject({ totalVotes }));
function expectNoWayBack(results: readonly Result[]): void {
  const versions = results.map(({ version }) => version);
  expect(versions).toEqual([...versions].sort((one, other) => one - other));
}
/** What a listener has heard, everything included that was sent to it before now. */
async function heard(listener: Listener): Promise<Listener> {
  await acknowledgementOf(listener.socket, 'poll.unsubscribe', { pollId: newId() });
  return listener;
}

describe('poll.subscribe', () => {
  it('answers how the poll stands, with the counts that GET answers', async () => {
    const poll = await given();
    await vote(members[0]!, poll);
    const { data } = await subscribe(await connect(members[1]!), poll);
    expect(data).toMatchObject({ pollId: poll.id, state: 'open', can: { seeResults: true } });
    expect(data!.result).toEqual({ ...(await resultOf(poll)), pollId: poll.id, asOf: expect.any(String) });
    expect(data!.result).toMatchObject({ totalVotes: 1, candidates: [{ candidateId: poll.candidates[0], votes: 1 }, { votes: 0 }, { votes: 0 }] });
  });

  it('keeps counts back that are hidden', async () => {
    for (const results of ['after-vote', 'after-close', 'admins'] as const) {
      const poll = await given({ results });
      expect(await subscribe(await connect(members[0]!), poll)).toEqual({ ok: true, data: { pollId: poll.id, state: 'open', can: { seeResults: false } } });
    }
  });

  it('knows no poll that REST does not know', async () => {
    const draft = await given({ opensInMs: null });
    for (const poll of [draft, { id: newId() }]) expect(await subscribe(await connect(members[0]!), poll)).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(await subscribe(await connect(moderator), draft)).toEqual({ ok: true, data: { pollId: draft.id, state: 'draft', can: { seeResults: false } } });
  });

  it.each([[{}], [null], [{ pollId: 7 }], [{ pollId: 'poll' }], [{ pollId: [newId()] }], [{ pollId: newId(), window: 'PT1M' }], []])('refuses the payload %j by its shape', async (...payload) => {
    const { socket } = await connect(members[0]!);
    for (const event of ['poll.subscribe', 'poll.unsubscribe']) {
      expect(await acknowledgementOf(socket, event, ...payload)).toMatchObject({ ok: false, error: { code: 'request.invalid', errors: expect.any(Array) } });
    }
  });

  it('takes 100 polls of a socket, asked for at once or one by one, and any of them twice', async () => {
    const polls = await Promise.all(Array.from({ length: 101 }, () => given({ names: ['A'] })));
    const listener = await connect(members[0]!);
    const answers = await Promise.all(polls.map((poll) => subscribe(listener, poll)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(100);
    const refused = polls[answers.findIndex(({ ok }) => !ok)]!;
    const taken = polls.find((poll) => poll !== refused)!;
    expect(await subscribe(listener, refused)).toMatchObject({ ok: false, error: { code: 'request.invalid', errors: [{ path: 'pollId' }] } });
    expect(await subscribe(listener, taken)).toMatchObject({ ok: true });
    expect(await acknowledgementOf(listener.socket, 'poll.unsubscribe', { pollId: taken.id })).toEqual({ ok: true, data: null });
    expect(await subscribe(listener, refused)).toMatchObject({ ok: true });
  }, 30_000);
});

describe('poll.state', () => {
  it('is told when the times pass, with nobody writing; and the closing is written down', async () => {
    const poll = await given({ opensInMs: null, results: 'after-close' });
    const listener = await listening(moderator, poll);
    await write('UPDATE poll_guard SET open = 1, opens_at = UTC_TIMESTAMP(3) + INTERVAL 500000 MICROSECOND, closes_at = UTC_TIMESTAMP(3) + INTERVAL 1500000 MICROSECOND WHERE poll_id = ?', [poll.id]);
    await eventually(() => expect(listener.states).toEqual(['open', 'closed']));
    await eventually(() => expect(listener.results).toMatchObject([{ pollId: poll.id, totalVotes: 0, final: true }]));
    expect(await app.app.get(Database).rows('SELECT ended FROM poll WHERE id = ?', [poll.id])).toEqual([{ ended: 'closed' }]);
    expect((await heard(listener)).states).toEqual(['open', 'closed']);
  });

  it('is told to everybody who watches, whether or not they see the counts', async () => {
    const poll = await given({ results: 'admins' });
    const [manager, member] = [await listening(moderator, poll), await listening(members[0]!, poll, twin)];
    await write("UPDATE poll SET ended = 'cancelled' WHERE id = ?", [poll.id]);
    for (const { states } of [manager, member]) await eventually(() => expect(states).toEqual(['cancelled']));
  });

  it('is told no more after poll.unsubscribe', async () => {
    const poll = await given();
    const [leaving, staying] = [await listening(members[0]!, poll), await listening(members[1]!, poll)];
    expect(await acknowledgementOf(leaving.socket, 'poll.unsubscribe', { pollId: poll.id })).toEqual({ ok: true, data: null });
    await vote(members[2]!, poll);
    await write('UPDATE poll_guard SET closes_at = UTC_TIMESTAMP(3) WHERE poll_id = ?', [poll.id]);
    await eventually(() => expect(staying).toMatchObject({ states: ['closed'], results: expect.arrayContaining([expect.objectContaining({ final: true })]) }));
    expect(await heard(leaving)).toMatchObject({ states: [], results: [] });
  });
});

describe('poll.result', () => {
  it('follows the votes, whichever process took them, with what GET answers', async () => {
    const poll = await given();
    const listeners = [await listening(members[0]!, poll), await listening(members[1]!, poll, twin)];
    await vote(members[0]!, poll, 1);
    for (const listener of listeners) await hears(listener, 1);
    await vote(members[1]!, poll, 1, twin);
    for (const listener of listeners) await hears(listener, 2);
    const shown = await eventually(async () => {
      const result = await resultOf(poll);
      expect(result.totalVotes).toBe(2);
      return result;
    });
    for (const { results } of listeners) expect(results.at(-1)).toEqual({ ...shown, pollId: poll.id, asOf: expect.any(String) });
  });

  it('comes at most 4 times a second, never goes back, and ends at the last vote', async () => {
    const poll = await given({ electorate: 'public' });
    const tokens: string[] = [];
    for (let device = 0; device < 150; device += 1) tokens.push(await app.app.get(DeviceTokens).issue({}, poll.id, '127.0.0.1'));
    const listeners = [await listening(members[0]!, poll), await listening(members[1]!, poll, twin)];
    let cast = 0;
    for (const started = performance.now(); performance.now() - started < 2_500 && cast < tokens.length; cast += 1) {
      await app.http.post(`/api/polls/${poll.id}/votes`).set('X-Device-Token', tokens[cast]!).send({ candidateId: poll.candidates[cast % 3] }).expect(201);
    }
    for (const listener of listeners) {
      await hears(listener, cast);
      const { results, times } = listener;
      expectNoWayBack(results);
      expect(results.length).toBeLessThan(cast);
      const mostInASecond = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
      expect(mostInASecond).toBeLessThanOrEqual(5);
      expect(results.length).toBeLessThanOrEqual(4 * Math.ceil((times.at(-1)! - times[0]!) / 1_000) + 1);
    }
  }, 60_000);

  it('leaves nothing out for who subscribes in the middle of it', async () => {
    const poll = await given({ electorate: 'public' });
    const tokens: string[] = [];
    for (let device = 0; device < 60; device += 1) tokens.push(await app.app.get(DeviceTokens).issue({}, poll.id, '127.0.0.1'));
    const listeners = [await connect(members[0]!), await connect(members[1]!), await connect(members[2]!, twin), await connect(moderator, twin)];
    const subscribing: Promise<void>[] = [];
    for (const [i, token] of tokens.entries()) {
      // Over and over again: what a socket is answered and what it is sent must not contradict each other.
      const listener = listeners[i % listeners.length]!;
      subscribing.push(subscribe(listener, poll).then(({ data }) => void listener.results.push(data!.result!)));
      await app.http.post(`/api/polls/${poll.id}/votes`).set('X-Device-Token', token).send({ candidateId: poll.candidates[0] }).expect(201);
    }
    await Promise.all(subscribing);
    for (const listener of listeners) {
      await hears(listener, tokens.length);
      expectNoWayBack(listener.results);
    }
  }, 30_000);

  it('after-vote: is missed by nobody who subscribes while voting', async () => {
    const poll = await given({ results: 'after-vote' });
    const voters = await Promise.all(Array.from({ length: 8 }, () => app.given.member()));
    const listeners = await Promise.all(voters.map((voter, i) => connect(voter, i % 2 === 0 ? app : twin)));
    await Promise.all(voters.map(async (voter, i) => {
      const subscribed = subscribe(listeners[i]!, poll).then(({ data }) => data!.result && listeners[i]!.results.push(data!.result));
      await Promise.all([vote(voter, poll, i % 3), subscribed]);
    }));
    for (const listener of listeners) await hears(listener, voters.length);
  }, 30_000);

  it('after-vote: comes to those who have voted, until they take it back', async () => {
    const poll = await given({ results: 'after-vote', allowChange: true });
    const [first, second, never] = [await listening(members[0]!, poll), await listening(members[1]!, poll), await listening(moderator, poll)];
    await vote(members[0]!, poll);
    await hears(first, 1);
    await vote(members[1]!, poll);
    await hears(second, 2);
    await hears(first, 2);
    await app.http.delete(`/api/polls/${poll.id}/votes/mine`).set(members[0]!.auth).expect(204);
    await hears(second, 1);
    const before = (await heard(first)).results.length;
    await vote(members[2]!, poll);
    await hears(second, 2);
    expect((await heard(first)).results).toHaveLength(before);
    expect((await heard(never)).results).toEqual([]);
    expect(first.results.map(({ totalVotes }) => totalVotes).every((votes) => votes > 0)).toBe(true);
  });

  it('after-close: comes to everybody at the close, and to nobody before', async () => {
    const poll = await given({ results: 'after-close' });
    const live = await given();
    const listeners = [await listening(members[0]!, poll), await listening(moderator, poll)];
    const clock = await listening(members[1]!, live);
    await vote(members[0]!, poll);
    // The second is of a later round than the vote above.
    for (const [i, member] of members.slice(0, 2).entries()) {
      await vote(member, live);
      await hears(clock, i + 1);
    }
    for (const listener of listeners) expect((await heard(listener)).results).toEqual([]);
    await write('UPDATE poll_guard SET closes_at = UTC_TIMESTAMP(3) WHERE poll_id = ?', [poll.id]);
    for (const listener of listeners) await eventually(() => expect(listener.results).toMatchObject([{ totalVotes: 1, final: true }]));
  });

  it('admins: comes to managers, until they are none', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const poll = await given({ results: 'admins' });
    const [demoted, staying, member] = [await listening(moderator, poll), await listening(admin, poll), await listening(members[0]!, poll)];
    await vote(members[0]!, poll);
    await hears(demoted, 1);
    await app.http.patch(`/api/members/${moderator.id}`).set(admin.auth).send({ role: 'member' }).expect(200);
    await vote(members[1]!, poll);
    await hears(staying, 2);
    expect((await heard(demoted)).results.map(({ totalVotes }) => totalVotes)).toEqual([1]);
    expect((await heard(member)).results).toEqual([]);
  });

  it('goes on for a member whose rights have changed, where every member sees it', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const poll = await given();
    const listener = await listening(moderator, poll);
    await app.http.patch(`/api/members/${moderator.id}`).set(admin.auth).send({ role: 'member' }).expect(200);
    await vote(members[0]!, poll);
    await hears(listener, 1);
  });

  it('comes no more once the poll is cancelled', async () => {
    const [poll, live] = [await given(), await given()];
    const listener = await listening(members[0]!, poll);
    const clock = await listening(members[0]!, live);
    await write("UPDATE poll SET ended = 'cancelled' WHERE id = ?", [poll.id]);
    await write('UPDATE poll_guard SET open = 0, version = version + 1 WHERE poll_id = ?', [poll.id]);
    await eventually(() => expect(listener.states).toEqual(['cancelled']));
    for (const [i, member] of members.slice(0, 2).entries()) {
      await vote(member, live);
      await hears(clock, i + 1);
    }
    expect((await heard(listener)).results).toEqual([]);
  });
});
