import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BallotBoxes } from '../../src/features/voting/casting/ballot-boxes.service.js';
import { sealed } from '../../src/features/voting/casting/ballot.rules.js';
import { MOST_WAITING, VoteIntake } from '../../src/features/voting/casting/vote-intake.service.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { eventually } from '../support/eventually.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenPoll, type GivenPoll, type GivenPollOptions } from '../support/given-polls.js';
import { pollViolations } from '../support/polls-invariants.js';

let app: TestApp;
let database: Database;
let mia: GivenMember;
let ben: GivenMember;

beforeAll(async () => {
  app = await createTestApp();
  database = app.app.get(Database);
  [mia, ben] = [await app.given.member(), await app.given.member()];
});
afterEach(async () => expect(await pollViolations(database)).toEqual([]));
afterAll(() => app.close());

const poll = (options?: GivenPollOptions) => givenPoll(app.app.get(Transactions), options);
const vote = (who: GivenMember | undefined, { id }: { id: string }, body: object, headers: Record<string, string> = {}) =>
  app.http.post(`/api/polls/${id}/votes`).set({ ...who?.auth, ...headers }).send(body);
const tallies = async ({ id }: GivenPoll) =>
  (await database.rows<{ choice: object; votes: number }>('SELECT choice, votes FROM poll_tally WHERE poll_id = ? AND votes > 0 ORDER BY choice', [id])).map(({ choice, votes }) => [choice, votes]);
const nonce = () => randomBytes(16).toString('base64url');

describe('a vote', () => {
  it('is answered with a receipt and the time at which it was cast', async () => {
    const given = await poll();
    const { body } = await vote(mia, given, { candidateId: given.candidates[1] }).expect(201);
    expect(body).toEqual({ receipt: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/), castAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(await tallies(given)).toEqual([[{ candidateId: given.candidates[1] }, 1]]);
  });

  it.each<[string, GivenPollOptions, (c: string[]) => object, (c: string[]) => object]>([
    ['approval', { method: 'approval' }, ([a, b]) => ({ approve: [b, a] }), ([a, b]) => ({ approve: [a, b].sort() })],
    ['score', { method: 'score' }, ([a, b]) => ({ scores: { [b!]: 5, [a!]: 0 } }), ([a, b]) => ({ scores: { [a!]: 0, [b!]: 5 } })],
    ['irv', { method: 'irv' }, ([a, b]) => ({ ranking: [[b], [a]] }), ([a, b]) => ({ ranking: [[b], [a]] })],
    ['schulze', { method: 'schulze' }, ([a, b, c]) => ({ ranking: [[c], [b, a]] }), ([a, b, c]) => ({ ranking: [[c], [a, b].sort()] })],
  ])('is written as the method wants it: %s', async (_, options, body, stored) => {
    const given = await poll(options);
    await vote(mia, given, body(given.candidates)).expect(201);
    expect(await tallies(given)).toEqual([[stored(given.candidates), 1]]);
  });

  it('counts once, whatever is sent after it', async () => {
    const given = await poll();
    await vote(mia, given, { candidateId: given.candidates[0] }).expect(201);
    const { body } = await vote(mia, given, { candidateId: given.candidates[1] }).expect(409);
    expect(body.code).toBe('poll.already-voted');
    expect(await tallies(given)).toEqual([[{ candidateId: given.candidates[0] }, 1]]);
  });

  it('of one member that is sent 50 times at once is stored once', async () => {
    const given = await poll();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => vote(mia, given, { candidateId: given.candidates[i % 3] })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(49).fill(409)]);
    expect((await tallies(given)).length).toBe(1);
  });

  it('is not taken before the poll opens, nor from the moment on at which it closes', async () => {
    for (const options of [{ opensInMs: null }, { opensInMs: 3_600_000 }, { closesInMs: 0 }, { closesInMs: -1 }]) {
      const given = await poll(options);
      expect((await vote(mia, given, { candidateId: given.candidates[0] }).expect(409)).body.code).toBe('poll.not-open');
      expect(await tallies(given)).toEqual([]);
    }
  });

  it('is only for who may vote', async () => {
    const given = await poll({ memberIds: [mia.id] });
    expect((await vote(ben, given, { candidateId: given.candidates[0] }).expect(403)).body.code).toBe('poll.not-eligible');
    expect((await vote(undefined, given, { candidateId: given.candidates[0] }).expect(401)).body.code).toBe('auth.required');
    await vote(mia, given, { candidateId: given.candidates[0] }).expect(201);
    await vote(mia, { id: newId() }, { candidateId: given.candidates[0] }).expect(404);
    await vote(undefined, { id: newId() }, { candidateId: given.candidates[0] }).expect(401);
    await vote(mia, { id: 'nothing' }, { candidateId: given.candidates[0] }).expect(404);
  });
});

describe('a ballot that is none', () => {
  const A = '00000000-0000-4000-8000-00000000000a';
  it.each<[string, GivenPollOptions, (c: string[], other: string) => object, number, string, string]>([
    ['nobody', {}, () => ({}), 400, 'request.invalid', 'candidateId'],
    ['null', {}, () => ({ candidateId: null }), 400, 'request.invalid', 'candidateId'],
    ['a number', {}, () => ({ candidateId: 7 }), 400, 'request.invalid', 'candidateId'],
    ['nobody to approve', { method: 'approval' }, () => ({ approve: [] }), 400, 'request.invalid', 'approve'],
    ['no scores', { method: 'score' }, () => ({}), 400, 'request.invalid', 'scores'],
    ['scores as a list', { method: 'score' }, () => ({ scores: [1] }), 400, 'request.invalid', 'scores'],
    ['no ranking', { method: 'irv' }, () => ({ ranking: [] }), 400, 'request.invalid', 'ranking'],
    ['a flat ranking', { method: 'irv' }, ([a]) => ({ ranking: [a] }), 400, 'request.invalid', 'ranking'],
    ['a field of another method', {}, ([a]) => ({ candidateId: a, ranking: [[a]] }), 400, 'request.invalid', 'ranking'],
    ['a nonce in a named poll', {}, ([a]) => ({ candidateId: a, nonce: nonce() }), 400, 'request.invalid', 'nonce'],
    ['no nonce in a secret poll', { secrecy: 'secret' }, ([a]) => ({ candidateId: a }), 400, 'request.invalid', 'nonce'],
    ['a short nonce', { secrecy: 'secret' }, ([a]) => ({ candidateId: a, nonce: 'x'.repeat(21) }), 400, 'request.invalid', 'nonce'],
    ['a long opinion', {}, ([a]) => ({ candidateId: a, opinion: 'x'.repeat(1001) }), 400, 'request.invalid', 'opinion'],
    ['an opinion with a bell', {}, ([a]) => ({ candidateId: a, opinion: '\u0007' }), 400, 'request.invalid', 'opinion'],
    ['an unknown candidate', {}, () => ({ candidateId: A }), 404, 'poll.unknown-candidate', 'candidateId'],
    ['a candidate of another poll', {}, (_, other) => ({ candidateId: other }), 404, 'poll.unknown-candidate', 'candidateId'],
    ['an unknown candidate among others', { method: 'schulze' }, ([a]) => ({ ranking: [[a], [A]] }), 404, 'poll.unknown-candidate', 'ranking'],
    ['one approved twice', { method: 'approval' }, ([a]) => ({ approve: [a, a] }), 422, 'ballot.invalid', 'approve'],
    ['one ranked twice', { method: 'irv' }, ([a, b]) => ({ ranking: [[a], [b], [a]] }), 422, 'ballot.invalid', 'ranking'],
    ['equals where there are none', { method: 'irv' }, ([a, b]) => ({ ranking: [[a, b]] }), 422, 'ballot.invalid', 'ranking.0'],
    ['an empty rank', { method: 'schulze' }, ([a]) => ({ ranking: [[a], []] }), 422, 'ballot.invalid', 'ranking.1'],
    ['too high a score', { method: 'score' }, ([a]) => ({ scores: { [a!]: 6 } }), 422, 'ballot.invalid', 'scores.'],
    ['a negative score', { method: 'score' }, ([a]) => ({ scores: { [a!]: -1 } }), 422, 'ballot.invalid', 'scores.'],
    ['half a point', { method: 'score' }, ([a]) => ({ scores: { [a!]: 0.5 } }), 422, 'ballot.invalid', 'scores.'],
  ])('%s', async (_, options, body, status, code, path) => {
    const [given, other] = [await poll(options), await poll(options)];
    const answer = await vote(mia, given, body(given.candidates, other.candidates[0]!)).expect(status);
    expect(answer.body.code).toBe(code);
    expect(answer.body.path ?? answer.body.errors[0].path).toContain(path);
    expect(await tallies(given)).toEqual([]);
  });

  it('says what is missing', async () => {
    const given = await poll();
    expect((await vote(mia, given, {}).expect(400)).body.errors).toEqual([{ path: 'candidateId', message: 'candidateId is required' }]);
    await app.http.post(`/api/polls/${given.id}/votes`).set(mia.auth).expect(400);
  });

  it('names only candidates who have withdrawn', async () => {
    const given = await poll({ method: 'schulze' });
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE poll_candidate SET withdrawn = 1 WHERE poll_id = ? AND id = ?', [given.id, given.candidates[0]]));
    expect((await vote(mia, given, { ranking: [[given.candidates[0]]] }).expect(422)).body.code).toBe('ballot.invalid');
    await vote(mia, given, { ranking: [[given.candidates[0]], [given.candidates[1]]] }).expect(201);
  });

  it('is none because of the case of an id, or because no opinion is null', async () => {
    const given = await poll();
    await vote(mia, given, { candidateId: given.candidates[0]!.toUpperCase(), opinion: null }).expect(201);
    expect(await tallies(given)).toEqual([[{ candidateId: given.candidates[0] }, 1]]);
  });

  it('may hold any opinion of a thousand characters', async () => {
    const given = await poll();
    const opinion = `'; DROP TABLE poll; -- ${'🍀'.repeat(976)}`.slice(0, 2000);
    await vote(mia, given, { candidateId: given.candidates[0], opinion }).expect(201);
    await vote(ben, given, { candidateId: given.candidates[0], opinion: '' }).expect(201);
    expect(await database.rows('SELECT opinion, voter_id AS voterId FROM poll_opinion WHERE poll_id = ?', [given.id])).toEqual([{ opinion, voterId: mia.id }]);
  });
});

describe('an Idempotency-Key', () => {
  it('brings the same answer again, also after the close', async () => {
    const given = await poll();
    const [key, body] = [{ 'Idempotency-Key': newId() }, { candidateId: given.candidates[0] }];
    const first = await vote(mia, given, body, key).expect(201);
    const again = await vote(mia, given, body, key).expect(201);
    expect([again.body, again.headers['idempotency-replayed'], first.headers['idempotency-replayed']]).toEqual([first.body, 'true', undefined]);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE poll_guard SET open = 0 WHERE poll_id = ?', [given.id]));
    expect((await vote(mia, given, body, key).expect(201)).body).toEqual(first.body);
    expect((await vote(mia, given, body).expect(409)).body.code).toBe('poll.not-open');
  });

  it('is refused with another ballot, and with one for another poll', async () => {
    const [given, other] = [await poll(), await poll()];
    const key = { 'Idempotency-Key': newId() };
    await vote(mia, given, { candidateId: given.candidates[0] }, key).expect(201);
    expect((await vote(mia, given, { candidateId: given.candidates[1] }, key).expect(422)).body.code).toBe('idempotency.key-reused');
    expect((await vote(mia, other, { candidateId: other.candidates[0] }, key).expect(422)).body.code).toBe('idempotency.key-reused');
    await vote(ben, given, { candidateId: given.candidates[1] }, key).expect(201);
    await vote(mia, given, { candidateId: given.candidates[0] }, { 'Idempotency-Key': 'a b' }).expect(400);
  });

  it('sent with votes in two polls at once stores one of them, which a retry finds again', async () => {
    for (let round = 0; round < 5; round += 1) {
      const polls = [await poll(), await poll()];
      const guards = polls.map(({ id }) => held(id));
      await Promise.all(guards.map(({ taken }) => taken));
      const key = { 'Idempotency-Key': newId() };
      const send = (given: GivenPoll) => vote(mia, given, { candidateId: given.candidates[0] }, key).then((answer) => answer);
      const both = Promise.all(polls.map(send));
      await new Promise((resolve) => setImmediate(resolve));
      for (const guard of guards) guard.release();
      const first = await both;
      expect(first.map(({ status }) => status).sort()).toEqual([201, 422]);
      const again = await Promise.all(polls.map(send));
      expect(again.map(({ body }) => body.receipt)).toEqual(first.map(({ body }) => body.receipt));
    }
  });

  it('brings the answer again though the candidate has withdrawn meanwhile', async () => {
    const given = await poll();
    const [key, body] = [{ 'Idempotency-Key': newId() }, { candidateId: given.candidates[0] }];
    const first = await vote(mia, given, body, key).expect(201);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE poll_candidate SET withdrawn = 1 WHERE poll_id = ? AND id = ?', [given.id, given.candidates[0]]));
    await eventually(async () => expect((await vote(ben, given, body)).status).toBe(422));
    expect((await vote(mia, given, body, key).expect(201)).body).toEqual(first.body);
  });

  it('sent 20 times at once with one ballot brings one receipt, and with another ballot a refusal', async () => {
    const given = await poll();
    const key = { 'Idempotency-Key': newId() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => vote(mia, given, { candidateId: given.candidates[0] }, key).expect(201)));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    const mixed = await poll();
    const codes = await Promise.all(Array.from({ length: 20 }, (_, i) => vote(ben, mixed, { candidateId: mixed.candidates[i % 2] }, { 'Idempotency-Key': 'one-key' })));
    expect(codes.map(({ status }) => status).sort()).toEqual([...Array<number>(10).fill(201), ...Array<number>(10).fill(422)]);
  });
});

describe('a secret vote', () => {
  it('is answered with a receipt alone, which is the hash of the poll and the nonce', async () => {
    const given = await poll({ secrecy: 'secret' });
    const mine = nonce();
    const { body } = await vote(mia, given, { candidateId: given.candidates[0], nonce: mine }).expect(201);
    expect(body).toEqual({ receipt: createHash('sha256').update(`${given.id}|${mine}`).digest('hex') });
  });

  it('is found again by its nonce, after the close too; with another nonce it is a second vote', async () => {
    const given = await poll({ secrecy: 'secret' });
    const body = { candidateId: given.candidates[0], nonce: nonce() };
    const first = await vote(mia, given, body, { 'Idempotency-Key': newId() }).expect(201);
    const again = await vote(mia, given, body).expect(201);
    expect([again.body, again.headers['idempotency-replayed']]).toEqual([first.body, 'true']);
    expect((await vote(mia, given, { ...body, nonce: nonce() }).expect(409)).body.code).toBe('poll.already-voted');
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE poll_guard SET open = 0 WHERE poll_id = ?', [given.id]));
    expect((await vote(mia, given, body).expect(201)).body).toEqual(first.body);
  });

  it('with the nonce of another is refused, together with it and after it, and nothing of it is left', async () => {
    const given = await poll({ secrecy: 'secret' });
    const body = { candidateId: given.candidates[0], nonce: nonce() };
    const answers = await Promise.all([vote(mia, given, body), vote(ben, given, body)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    const late = await app.given.member();
    expect((await vote(late, given, body).expect(422)).body).toMatchObject({ code: 'ballot.invalid', path: 'nonce' });
    await vote(late, given, { ...body, nonce: nonce() }).expect(201);
  });

  it('leaves no time, no voter and no order behind, and nothing under an Idempotency-Key', async () => {
    const given = await poll({ secrecy: 'secret' });
    const keys = [newId(), newId()];
    await Promise.all([mia, ben].map((who, i) => vote(who, given, { candidateId: given.candidates[i], nonce: nonce(), opinion: `of ${i}` }, { 'Idempotency-Key': keys[i]! }).expect(201)));
    expect(await database.rows('SELECT voter_id, cast_at FROM poll_ballot WHERE poll_id = ?', [given.id])).toEqual([{ voter_id: null, cast_at: null }, { voter_id: null, cast_at: null }]);
    expect(await database.rows('SELECT DISTINCT voter_id FROM poll_opinion WHERE poll_id = ?', [given.id])).toEqual([{ voter_id: null }]);
    expect(await database.rows('SELECT 1 FROM idempotency WHERE idempotency_key IN (?)', [keys])).toEqual([]);
    const columns = await database.rows<{ name: string }>(`SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'poll_voter'`);
    expect(columns.map(({ name }) => name).sort()).toEqual(['claim', 'poll_id', 'voter_key']);
  });
});

describe('a vote that may be changed', () => {
  it('counts once, as it is now, and as of when it was cast', async () => {
    const given = await poll({ allowChange: true });
    const first = await vote(mia, given, { candidateId: given.candidates[0], opinion: 'first' }).expect(201);
    const mine = () => app.http.put(`/api/polls/${given.id}/votes/mine`).set(mia.auth);
    const changed = await mine().send({ candidateId: given.candidates[1] }).expect(200);
    expect([changed.body.castAt, changed.body.receipt === first.body.receipt]).toEqual([first.body.castAt, false]);
    expect((await mine().send({ candidateId: given.candidates[1] }).expect(200)).body).toEqual(changed.body);
    expect(await tallies(given)).toEqual([[{ candidateId: given.candidates[1] }, 1]]);
    expect(await database.rows('SELECT 1 FROM poll_opinion WHERE poll_id = ?', [given.id])).toEqual([]);
    await mine().send({}).expect(400);
    await mine().send({ candidateId: newId() }).expect(404);
  });

  it('can be taken back and cast again', async () => {
    const given = await poll({ allowChange: true });
    await vote(mia, given, { candidateId: given.candidates[0], opinion: 'first' }).expect(201);
    await app.http.delete(`/api/polls/${given.id}/votes/mine`).set(mia.auth).expect(204);
    expect(await tallies(given)).toEqual([]);
    await app.http.delete(`/api/polls/${given.id}/votes/mine`).set(mia.auth).expect(404);
    await app.http.put(`/api/polls/${given.id}/votes/mine`).set(mia.auth).send({ candidateId: given.candidates[0] }).expect(404);
    await vote(mia, given, { candidateId: given.candidates[2] }).expect(201);
    expect(await tallies(given)).toEqual([[{ candidateId: given.candidates[2] }, 1]]);
  });

  it('does not bring back an opinion that a moderator has hidden', async () => {
    const given = await poll({ allowChange: true });
    const body = { candidateId: given.candidates[0], opinion: 'rude' };
    const status = async () => (await database.rows<{ status: string }>('SELECT status FROM poll_opinion WHERE poll_id = ?', [given.id])).map((row) => row.status);
    await vote(mia, given, body).expect(201);
    await app.app.get(Transactions).run((tx) => tx.write("UPDATE poll_opinion SET status = 'hidden' WHERE poll_id = ?", [given.id]));
    const put = (changed: object) => app.http.put(`/api/polls/${given.id}/votes/mine`).set(mia.auth).send(changed).expect(200);
    for (const changed of [body, { ...body, opinion: 'ruder' }, { candidateId: given.candidates[1] }, body]) await put(changed);
    await app.http.delete(`/api/polls/${given.id}/votes/mine`).set(mia.auth).expect(204);
    await vote(mia, given, body).expect(201);
    expect(await status()).toEqual(['hidden']);
  });

  it('is one only where the poll says so, and while it is open', async () => {
    const final = await poll();
    await vote(mia, final, { candidateId: final.candidates[0] }).expect(201);
    expect((await app.http.put(`/api/polls/${final.id}/votes/mine`).set(mia.auth).send({ candidateId: final.candidates[1] }).expect(409)).body.code).toBe('poll.change-not-allowed');
    expect((await app.http.delete(`/api/polls/${final.id}/votes/mine`).set(mia.auth).expect(409)).body.code).toBe('poll.change-not-allowed');
    const closed = await poll({ allowChange: true, closesInMs: 0 });
    expect((await app.http.put(`/api/polls/${closed.id}/votes/mine`).set(mia.auth).send({ candidateId: closed.candidates[1] }).expect(409)).body.code).toBe('poll.not-open');
    expect((await app.http.delete(`/api/polls/${closed.id}/votes/mine`).set(mia.auth).expect(409)).body.code).toBe('poll.not-open');
  });

  it('changed and taken back by many at once is whole afterwards', async () => {
    const given = await poll({ allowChange: true });
    const url = `/api/polls/${given.id}/votes`;
    await Promise.all(Array.from({ length: 60 }, (_, i) => {
      const who = [mia, ben][i % 2]!;
      const body = { candidateId: given.candidates[i % 3] };
      return [() => app.http.post(url).set(who.auth).send(body), () => app.http.put(`${url}/mine`).set(who.auth).send(body), () => app.http.delete(`${url}/mine`).set(who.auth)][(i >> 1) % 3]!()
        .then(({ status }) => expect([200, 201, 204, 404, 409]).toContain(status));
    }));
  });
});

it('a full queue is said at once, and what waited in it is stored', async () => {
  const given = await poll();
  const box = (await app.app.get(BallotBoxes).get(given.id))!;
  const guard = held(given.id);
  await guard.taken;
  const crowd = Array.from({ length: MOST_WAITING }, () =>
    app.app.get(VoteIntake).cast(box, { voterId: randomUUID(), edition: 1, choice: sealed({ candidateId: given.candidates[0]! }), receipt: randomUUID() }),
  );
  const refused = await vote(ben, given, { candidateId: given.candidates[0] }).expect(503);
  expect([refused.body.code, refused.headers['retry-after']]).toEqual(['server.busy', '1']);
  guard.release();
  await Promise.all(crowd);
  await vote(ben, given, { candidateId: given.candidates[0] }).expect(201);
  expect(await tallies(given)).toEqual([[{ candidateId: given.candidates[0] }, MOST_WAITING + 1]]);
}, 60_000);

/** Holds the guard of a poll until it is released. */
function held(pollId: string) {
  let release = (): void => undefined;
  let take = (): void => undefined;
  const [released, taken] = [new Promise<void>((resolve) => (release = resolve)), new Promise<void>((resolve) => (take = resolve))];
  void app.app.get(Transactions).run(async (tx) => {
    await tx.write('UPDATE poll_guard SET version = version + 1 WHERE poll_id = ?', [pollId]);
    take();
    await released;
  });
  return { taken, release };
}
