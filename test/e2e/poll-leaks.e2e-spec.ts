import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { sealed } from '../../src/features/voting/casting/ballot.rules.js';
import { DeviceTokens } from '../../src/features/voting/casting/device-tokens.service.js';
import type { ResultVisibility, Secrecy } from '../../src/features/voting/poll.types.js';
import { Config } from '../../src/platform/config/config.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { givenPoll, type GivenPoll } from '../support/given-polls.js';
import { acknowledgementOf, connectSocket } from '../support/sockets.js';

/** Everybody who can ask. The device has a token of the poll and has not voted; of the members only the voter has. */
const SIGNED_IN = ['member', 'voter', 'moderator', 'admin'] as const;
const EVERYBODY = ['guest', 'device', 'API token', ...SIGNED_IN] as const;
type Who = (typeof EVERYBODY)[number];

interface Operation {
  path: string;
  parameters: { name: string; in: string; schema?: { enum?: string[] } }[];
}
interface VotedPoll extends GivenPoll {
  /** Of the voter's vote. */
  receipt: string;
  deviceToken: string;
}

let app: TestApp;
/** Another process: it has counted nothing yet when it is asked, so what one remembers cannot stand in for what is kept back. */
let twin: TestApp;
const people = {} as Record<(typeof SIGNED_IN)[number], GivenMember>;
let apiToken: string;
/** Every GET below /api/polls that the document knows. */
let operations: Operation[];

beforeAll(async () => {
  app = await createTestApp();
  twin = await createTestApp({ APP_SECRET: app.secret, DATA_DIR: app.app.get(Config).DATA_DIR });
  people.member = await app.given.member({ credits: 1_000 });
  people.voter = await app.given.member({ credits: 1_000 });
  people.moderator = await app.given.member({ role: 'moderator', credits: 1_000 });
  people.admin = await app.given.member({ role: 'admin', credits: 1_000 });
  const token = await app.http.post('/api/api-tokens').set(people.member.auth).send({ name: 'reader' }).expect(201);
  apiToken = token.body.secret as string;
  await app.http.post(`/api/api-tokens/${token.body.id}/calls`).set(people.member.auth).send({ credits: 100 }).expect(({ status }) => expect(status).toBeLessThan(300));
  const { body } = await app.http.get('/api/openapi.json').expect(200);
  operations = Object.entries(body.paths as Record<string, { get?: Omit<Operation, 'path'> }>)
    .filter(([path, { get }]) => path.startsWith('/api/polls') && get !== undefined)
    .map(([path, { get }]) => ({ path, parameters: get!.parameters ?? [] }));
}, 60_000);
afterAll(async () => {
  await twin.close();
  await app.close();
});

const write = (sql: string, parameters: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));

/** A poll that anybody may see, with votes for A, A, B and the voter's for C. */
async function votedPoll(results: ResultVisibility, secrecy: Secrecy = 'named'): Promise<VotedPoll> {
  const poll = await givenPoll(app.app.get(Transactions), { electorate: 'public', results, secrecy });
  const { http } = app;
  const cast = async ({ auth }: GivenMember, candidate: number): Promise<string> => {
    const nonce = secrecy === 'secret' ? { nonce: `${candidate}${auth.Authorization.slice(-30)}`.replaceAll(/[^\w-]/g, '-') } : {};
    const { body } = await http.post(`/api/polls/${poll.id}/votes`).set(auth).send({ candidateId: poll.candidates[candidate], opinion: 'I have thought about it.', ...nonce }).expect(201);
    return body.receipt as string;
  };
  const others = [await app.given.member(), await app.given.member(), await app.given.member()];
  const [receipt] = await Promise.all([cast(people.voter, 2), ...others.map((member, i) => cast(member, i >> 1))]);
  return { ...poll, receipt: receipt!, deviceToken: await app.app.get(DeviceTokens).issue({}, poll.id, '127.0.0.1') };
}

/** Makes it the other set of votes: those for A are for B and the other way round, and nothing else is different. */
async function swapVotes({ id, candidates }: GivenPoll): Promise<void> {
  const [a, b] = candidates.map((candidateId) => sealed({ candidateId }).hash);
  expect(await write('UPDATE poll_tally SET votes = 3 - votes WHERE poll_id = ? AND choice_hash IN (?)', [id, [a, b]])).toBe(2);
  expect(await write('UPDATE poll_ballot SET choice_hash = IF(choice_hash = ?, ?, ?) WHERE poll_id = ? AND choice_hash IN (?)', [a, b, a, id, [a, b]])).toBe(3);
}

/** The paths of an operation for this poll: with nothing else, and with each value that the document names. */
function pathsOf({ path, parameters }: Operation, poll: VotedPoll): string[] {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ({ id: poll.id, receipt: poll.receipt })[name] ?? poll.candidates[0]!);
  const queries = parameters.filter((parameter) => parameter.in === 'query').flatMap(({ name, schema }) => (schema?.enum ?? (name === 'window' ? ['PT10M'] : [])).map((value) => `?${name}=${value}`));
  return ['', ...queries].map((query) => `${filled}${query}`);
}

const credentials = (who: Who, poll: VotedPoll): Record<string, string> => {
  if (who === 'guest') return {};
  if (who === 'device') return { 'X-Device-Token': poll.deviceToken };
  return who === 'API token' ? { 'X-Token': apiToken } : people[who].auth;
};

/** Without what is another one each time it is asked. */
const lasting = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then').replaceAll(/"(version|tookMicros)":\d+/g, '').replaceAll(/"requestId":"[^"]*"/g, '');

/** All that an answer says; its length is also that of the times and ids which are left out. */
function said({ status, headers, body, text }: Response): string {
  const rest = Object.fromEntries(Object.entries(headers as Record<string, string>).filter(([name]) => !/^(date|x-request-id|content-length|ratelimit|x-credits)/.test(name)));
  return lasting(`${status} ${JSON.stringify(rest)} ${text ?? (Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body))}`);
}

async function exported(who: (typeof SIGNED_IN)[number] | 'API token', filters: object, poll: VotedPoll): Promise<string> {
  const headers = credentials(who, poll);
  const { body } = await app.http.post('/api/exports').set(headers).send({ source: 'votes', format: 'csv', filters }).expect(({ status }) => expect(status).toBeLessThan(300));
  await eventually(async () => expect((await app.http.get(`/api/exports/${body.id}`).set(headers).expect(200)).body.state).toBe('succeeded'), 20_000);
  const { headers: { location } } = await app.http.get(`/api/exports/${body.id}/download`).set(headers).redirects(0).expect(302);
  const { pathname, search } = new URL(location!, app.url);
  return lasting((await app.http.get(`${pathname}${search}`).buffer(true).expect(200)).text);
}

/** All events that reach the sockets of members who watch the poll while its version moves. `clock` is a live poll that shows when everything due was sent. */
async function events(where: TestApp, poll: VotedPoll, clock: GivenPoll): Promise<Record<string, string>> {
  const heard = SIGNED_IN.map((who) => ({ who, log: [] as unknown[] }));
  const sockets = await Promise.all(SIGNED_IN.map((who) => connectSocket(where.url, people[who].accessToken)));
  const ticks: unknown[] = [];
  try {
    for (const [i, socket] of sockets.entries()) {
      socket.onAny((event: string, payload: { pollId?: string }) => (payload.pollId === clock.id ? event === 'poll.result' && ticks.push(payload) : heard[i]!.log.push([event, payload])));
      heard[i]!.log.push(await acknowledgementOf(socket, 'poll.subscribe', { pollId: poll.id }));
    }
    await acknowledgementOf(sockets[0]!, 'poll.subscribe', { pollId: clock.id });
    // The second round of news begins when the first one is over.
    for (const round of [1, 2]) {
      const before = ticks.length;
      await write('UPDATE poll_guard SET version = version + 1 WHERE poll_id IN (?)', [round === 1 ? [poll.id, clock.id] : [clock.id]]);
      await eventually(() => expect(ticks.length).toBeGreaterThan(before));
    }
    for (const socket of sockets) await acknowledgementOf(socket, 'poll.unsubscribe', { pollId: poll.id });
  } finally {
    sockets.forEach((socket) => socket.disconnect());
  }
  return Object.fromEntries(heard.map(({ who, log }) => [`${who}: events`, lasting(log.map((entry) => JSON.stringify(entry)).join('\n'))]));
}

/** What everybody is told who asks for it. */
async function reads(where: TestApp, poll: VotedPoll): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const who of EVERYBODY) {
    for (const path of [...operations.flatMap((operation) => pathsOf(operation, poll)), '/api/statistics?metric=votes.cast']) {
      // Few files are sent at once: a client that is told so tries again.
      const answer = await eventually(async () => {
        const one = await where.http.get(path).set(credentials(who, poll));
        expect([path, one.status < 500]).toEqual([path, true]);
        return one;
      });
      answers[`${who}: ${path}`] = said(answer);
    }
  }
  return answers;
}

async function exports(poll: VotedPoll): Promise<Record<string, string>> {
  const orders = (['API token', ...SIGNED_IN] as const).flatMap((who) => [{ who, filters: { pollId: poll.id } }, { who, filters: {} }]);
  return Object.fromEntries(await Promise.all(orders.map(async ({ who, filters }) => [`${who}: export ${JSON.stringify(filters)}`, await exported(who, filters, poll)] as const)));
}

/** Everything that anybody is told of the poll, by any channel. */
async function askEverything(where: TestApp, poll: VotedPoll, clock: GivenPoll): Promise<Record<string, string>> {
  return { ...(await events(where, poll, clock)), ...(await reads(where, poll)), ...(await exports(poll)) };
}

/** Of two sets of answers, who was told something different. */
function whoCanTell(one: Record<string, string>, other: Record<string, string>): { who: string[]; where: string[] } {
  expect(Object.keys(one)).toEqual(Object.keys(other));
  const where = Object.keys(one).filter((key) => one[key] !== other[key]);
  return { who: [...new Set(where.map((key) => key.split(':')[0]!))].sort(), where };
}

const MANAGERS = ['admin', 'moderator'];
const ALL = [...EVERYBODY].sort();

describe('which of two sets of votes it was, with as many voters', () => {
  it('knows every way to ask', () => {
    expect(operations.map(({ path }) => path)).toEqual(expect.arrayContaining([
      '/api/polls', '/api/polls/{id}', '/api/polls/{id}/result', '/api/polls/{id}/result.svg', '/api/polls/{id}/turnout', '/api/polls/{id}/opinions', '/api/polls/{id}/receipts/{receipt}', '/api/polls/{id}/audit', '/api/polls/{id}/ballots',
    ]));
  });

  const CASES: [ResultVisibility, Secrecy, { open: string[]; closed: string[] }][] = [
    ['after-vote', 'named', { open: ['voter'], closed: ALL }],
    ['after-close', 'named', { open: [], closed: ALL }],
    ['admins', 'named', { open: MANAGERS, closed: MANAGERS }],
    ['admins', 'secret', { open: MANAGERS, closed: MANAGERS }],
  ];
  it.each(CASES)('%s, %s: can be told by those only who may see the counts', async (results, secrecy, expected) => {
    const poll = await votedPoll(results, secrecy);
    const clock = await givenPoll(app.app.get(Transactions));
    const open = await askEverything(app, poll, clock);
    await swapVotes(poll);
    const openSwapped = await askEverything(twin, poll, clock);
    expect(whoCanTell(open, openSwapped).who).toEqual(expected.open);

    await write('UPDATE poll_guard SET closes_at = UTC_TIMESTAMP(3) WHERE poll_id = ?', [poll.id]);
    const closedSwapped = await askEverything(twin, poll, clock);
    await swapVotes(poll);
    const closed = await askEverything(app, poll, clock);
    expect(whoCanTell(closed, closedSwapped).who).toEqual(expected.closed);
  }, 120_000);

  it('cancelled: can be told by nobody', async () => {
    const poll = await votedPoll('live');
    const clock = await givenPoll(app.app.get(Transactions));
    await app.http.post(`/api/polls/${poll.id}/cancel`).set(people.admin.auth).expect(200);
    const one = await askEverything(app, poll, clock);
    await swapVotes(poll);
    expect(whoCanTell(one, await askEverything(twin, poll, clock))).toEqual({ who: [], where: [] });
  }, 120_000);
});
