import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { count } from '../../src/features/voting/methods/count.rules.js';
import type { Choice, PollMethod, TallyRow } from '../../src/features/voting/poll.types.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { givenPoll, type GivenPoll, type GivenPollOptions } from '../support/given-polls.js';

let app: TestApp;
let database: Database;
let voters: GivenMember[];
let onlooker: GivenMember;
let moderator: GivenMember;

beforeAll(async () => {
  app = await createTestApp();
  database = app.app.get(Database);
  voters = await Promise.all(Array.from({ length: 6 }, () => app.given.member()));
  onlooker = await app.given.member();
  moderator = await app.given.member({ role: 'moderator' });
});
afterAll(() => app.close());

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const poll = (options?: GivenPollOptions) => givenPoll(app.app.get(Transactions), options);
const get = (who: GivenMember | undefined, { id }: { id: string }, path: string, headers: Record<string, string> = {}) => app.http.get(`/api/polls/${id}/${path}`).set({ ...who?.auth, ...headers });
const vote = async (who: GivenMember, { id }: { id: string }, body: object): Promise<string> => (await app.http.post(`/api/polls/${id}/votes`).set(who.auth).send(body).expect(201)).body.receipt;
const act = (given: GivenPoll, what: string) => app.http.post(`/api/polls/${given.id}/${what}`).set(moderator.auth).expect(200);
/** Written as time would have it: the poll closes at its hour, and nobody has looked since. */
const letPass = ({ id }: GivenPoll) => app.app.get(Transactions).run((tx) => tx.write('UPDATE poll_guard SET closes_at = UTC_TIMESTAMP(3) WHERE poll_id = ?', [id]));

/** Rows of a CSV of ours: the second column is always in quotes. */
const csvRows = (text: string) => text.split('\r\n').slice(1, -1).map((line) => {
  const [, id, choice, rest] = /^([^,]*),"((?:[^"]|"")*)"(.*)$/.exec(line)!;
  return { id: id!, choice: JSON.parse(choice!.replaceAll('""', '"')) as Choice, rest: rest!.split(',').slice(1) };
});

const BALLOTS: Readonly<Record<PollMethod, (c: readonly string[]) => object[]>> = {
  single: ([a, b, c]) => [a, b, b, c, b, a].map((candidateId) => ({ candidateId })),
  approval: ([a, b, c]) => [[a], [a, b], [b, c], [c, b], [a, b, c], [b]].map((approve) => ({ approve })),
  score: ([a, b, c]) => [[5, 0, 1], [0, 5, 5], [3, 3, 3], [1, 2, 3], [0, 0, 4], [5, 5, 0]].map(([x, y, z]) => ({ scores: { [a!]: x, [b!]: y, [c!]: z } })),
  irv: ([a, b, c]) => [[a, b], [a], [b, c, a], [b], [b, a], [c, a]].map((ids) => ({ ranking: ids.map((id) => [id]) })),
  schulze: ([a, b, c]) => [[[a], [b, c]], [[a, b], [c]], [[b]], [[c], [b], [a]], [[b], [c]], [[a]]].map((ranking) => ({ ranking })),
};
const METHODS = Object.keys(BALLOTS) as PollMethod[];

async function voted(method: PollMethod, options: GivenPollOptions = {}): Promise<GivenPoll> {
  const given = await poll({ method, ...options });
  await Promise.all(BALLOTS[method](given.candidates).map((body, i) => vote(voters[i]!, given, body)));
  return given;
}

function recount(method: PollMethod, { candidates }: GivenPoll, tally: readonly TallyRow[]) {
  const { explanation: _, ...counted } = count({ method, tally, seed: 'no lot is drawn here', candidates: candidates.map((id, i) => ({ id, name: 'ABC'[i]!, withdrawn: false })) });
  return counted;
}

describe('the result', () => {
  it.each(METHODS)('of a poll by %s is what its ballots come to', async (method) => {
    const given = await voted(method);
    const { body } = await get(onlooker, given, 'result?window=PT1H').expect(200);
    const tally = csvRows((await get(onlooker, given, 'ballots').expect(200)).text).map(({ choice }) => ({ choice, votes: 1 }));
    expect(body).toMatchObject({
      votesLast10Minutes: 6, votesInWindow: 6, asOf: expect.stringMatching(/^\d{4}-.*Z$/), version: expect.any(Number), final: false, unverified: false, method,
      ...recount(method, given, tally),
    });
    expect(body.totalVotes).toBe(6);
    expect(body).not.toHaveProperty('quorum');
    expect(body.candidates).toHaveLength(3);
  });

  it('of a poll without votes has nobody win', async () => {
    const given = await poll();
    expect((await get(onlooker, given, 'result').expect(200)).body).toMatchObject({ winners: [], totalVotes: 0, candidates: [{ votes: 0 }, { votes: 0 }, { votes: 0 }] });
  });

  it('has no winner before the quorum is reached', async () => {
    const given = await poll({ memberIds: [...voters, onlooker].map(({ id }) => id), quorum: { percent: 50 } });
    for (const who of voters.slice(0, 3)) await vote(who, given, { candidateId: given.candidates[0] });
    expect((await get(onlooker, given, 'result').expect(200)).body).toMatchObject({ winners: [], quorum: { required: 4, reached: false }, explanation: expect.stringContaining('quorum') });
    await vote(voters[3]!, given, { candidateId: given.candidates[0] });
    await eventually(async () => expect((await get(onlooker, given, 'result')).body).toMatchObject({ winners: [given.candidates[0]], quorum: { required: 4, reached: true } }));
  });

  it('is final once the closing time has passed: the first to look writes it down', async () => {
    const given = await voted('single');
    await letPass(given);
    expect((await get(onlooker, given, 'result').expect(200)).body).toMatchObject({ final: true, totalVotes: 6 });
    expect(await database.rows('SELECT ended FROM poll WHERE id = ?', [given.id])).toEqual([{ ended: 'closed' }]);
  });

  it('is without a candidate who has withdrawn', async () => {
    const given = await voted('single');
    await act(given, `candidates/${given.candidates[1]!}/withdraw`);
    const { body } = await get(onlooker, given, 'result').expect(200);
    expect(body).toMatchObject({ winners: [given.candidates[0]], totalVotes: 6 });
    expect(body.candidates).toHaveLength(2);
  });

  it('says unverified where devices vote, and shows devices what they may see', async () => {
    const given = await poll({ electorate: 'public', results: 'after-vote' });
    const { body: { deviceToken } } = await app.http.post(`/api/polls/${given.id}/device-token`).expect(201);
    const device = { 'X-Device-Token': deviceToken as string };
    expect((await get(undefined, given, 'result', device).expect(403)).body.code).toBe('poll.results-hidden');
    await app.http.post(`/api/polls/${given.id}/votes`).set(device).send({ candidateId: given.candidates[0] }).expect(201);
    await eventually(async () => expect((await get(undefined, given, 'result', device).expect(200)).body).toMatchObject({ unverified: true, totalVotes: 1 }));
    expect((await get(undefined, given, 'result').expect(403)).body.code).toBe('poll.results-hidden');
    expect((await get(undefined, given, 'result', { 'X-Device-Token': 'made.up' }).expect(401)).body.code).toBe('poll.device-token-invalid');
  });

  it.each(['PT0S', 'P31D', 'P1M', 'ten minutes', 'PT1.5S'])('has no window of %s', async (window) => {
    const { body } = await get(onlooker, await poll(), `result?window=${encodeURIComponent(window)}`).expect(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ path: 'window' }] });
  });

  it('has no other parameters', async () => {
    await get(onlooker, await poll(), 'result?windows=PT1S').expect(400);
    await get(onlooker, await poll(), 'ballots?format=xml').expect(400);
  });
});

describe('counts that are hidden', () => {
  const HIDDEN = ['result', 'result?window=PT1S', 'result.svg', 'ballots', 'ballots?format=blt', 'ballots?format=abif', 'opinions'];
  const seenBy = async (who: GivenMember | undefined, given: GivenPoll) => {
    const answers = await Promise.all(HIDDEN.map((path) => get(who, given, path)));
    for (const { status, body } of answers) if (status !== 200) expect(body.code).toBe('poll.results-hidden');
    return [...new Set(answers.map(({ status }) => status))];
  };
  const given = async (results: GivenPollOptions['results'], more: GivenPollOptions = {}) => {
    const made = await poll({ results, ...more });
    await vote(voters[0]!, made, { candidateId: made.candidates[0], opinion: 'mine' });
    return made;
  };

  it('until the close are hidden from everybody, managers too', async () => {
    const made = await given('after-close');
    for (const who of [voters[0]!, onlooker, moderator]) expect(await seenBy(who, made)).toEqual([403]);
    await act(made, 'close');
    expect(await seenBy(onlooker, made)).toEqual([200]);
  });

  it('until one has voted are hidden from whoever has not', async () => {
    const made = await given('after-vote', { allowChange: true });
    expect(await seenBy(voters[0]!, made)).toEqual([200]);
    for (const who of [onlooker, moderator]) expect(await seenBy(who, made)).toEqual([403]);
    await app.http.delete(`/api/polls/${made.id}/votes/mine`).set(voters[0]!.auth).expect(204);
    expect(await seenBy(voters[0]!, made)).toEqual([403]);
  });

  it('for managers alone are hidden from members for good', async () => {
    const made = await given('admins');
    expect([await seenBy(moderator, made), await seenBy(voters[0]!, made)]).toEqual([[200], [403]]);
    await act(made, 'close');
    expect([await seenBy(moderator, made), await seenBy(voters[0]!, made)]).toEqual([[200], [403]]);
  });

  it('are nobody\'s once the poll is cancelled', async () => {
    const made = await given('live');
    await act(made, 'cancel');
    for (const who of [voters[0]!, moderator]) expect(await seenBy(who, made)).toEqual([403]);
  });

  it('are nothing in a draft, which is not there for members, nor any poll but public ones for guests', async () => {
    const [draft, open] = [await poll({ opensInMs: null }), await poll()];
    for (const path of [...HIDDEN, 'turnout', 'audit', `receipts/${newId()}`]) {
      expect((await get(onlooker, draft, path).expect(404)).body.code).toBe('not-found');
      expect((await get(onlooker, { id: newId() }, path).expect(404)).body.code).toBe('not-found');
      expect((await get(undefined, open, path).expect(401)).body.code).toBe('auth.required');
    }
    expect(await seenBy(moderator, draft)).toEqual([403]);
  });

  it('leave the turnout to be seen, and the chain', async () => {
    const made = await given('after-close', { memberIds: voters.map(({ id }) => id), quorum: { min: 2 } });
    expect((await get(onlooker, made, 'turnout').expect(200)).body).toEqual({ voters: 1, eligible: 6, percent: 16.7, quorum: { required: 2, reached: false } });
    await get(onlooker, made, 'audit').expect(200);
  });
});

describe('an answer', () => {
  const RESULT = 'result';

  it('is not sent again to whoever has it', async () => {
    const given = await voted('single');
    const { headers: { etag } } = await get(onlooker, given, RESULT).expect(200);
    const { headers, text } = await get(onlooker, given, RESULT, { 'If-None-Match': etag! }).expect(304);
    expect([headers['etag'], headers['cache-control'], headers['vary'], text]).toEqual([etag, 'private, no-cache', expect.stringContaining('X-Device-Token'), '']);
    expect((await get(onlooker, given, `${RESULT}?window=PT1M`, { 'If-None-Match': etag! }).expect(200)).body.votesInWindow).toBe(6);
  });

  it('is never older than what the client has from another process', async () => {
    const other = await createTestApp({ APP_SECRET: app.secret });
    try {
      const given = await poll();
      const of = (http: TestApp['http'], headers: Record<string, string> = {}) => http.get(`/api/polls/${given.id}/result`).set({ ...onlooker.auth, ...headers });
      let seen = await of(app.http).expect(200);
      for (const who of voters.slice(0, 3)) {
        // Both have the poll in memory now.
        await Promise.all([of(app.http), of(other.http)]);
        await vote(who, given, { candidateId: given.candidates[0] });
        const fresh = await eventually(async () => {
          const answer = await of(other.http).expect(200);
          expect(answer.body.version).toBeGreaterThan(seen.body.version);
          return answer;
        });
        const { status, body } = await of(app.http, { 'If-None-Match': fresh.headers['etag']! });
        if (status === 200) expect(body.version).toBeGreaterThanOrEqual(fresh.body.version);
        else expect(status).toBe(304);
        seen = fresh;
      }
      expect(seen.body.totalVotes).toBe(3);
      // A version that there never was is no reason to fail.
      await of(app.http, { 'If-None-Match': 'W/"999999999-0"' }).expect(200);
    } finally {
      await other.close();
    }
  });
});

describe('the chart', () => {
  it('is a picture in which nothing runs, with names as they are', async () => {
    const given = await poll({ names: ['<b>Ann</b>', 'Ben & Co', 'Eve'], title: 'Who "wins"?' });
    await vote(voters[0]!, given, { candidateId: given.candidates[0] });
    const { headers, body, text } = await get(onlooker, given, 'result.svg').expect(200);
    const svg = text ?? String(body);
    expect(headers).toMatchObject({ 'content-type': 'image/svg+xml; charset=utf-8', 'content-security-policy': expect.stringContaining('sandbox'), 'cache-control': 'private' });
    expect(svg).toContain('&lt;b&gt;Ann&lt;/b&gt;: 1, winner. Ben &amp; Co: 0.');
    expect(svg).toContain('votes · 1 voter · so far');
  });
});

describe('the ballots', () => {
  it('of a named poll come with voters and times, as a file', async () => {
    const given = await voted('schulze');
    const { headers, text } = await get(onlooker, given, 'ballots').expect(200);
    expect(headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="poll-${given.id}.csv"` });
    expect(text.split('\r\n')[0]).toBe('ballotId,choice,voterId,castAt');
    const rows = csvRows(text);
    expect(rows.map(({ rest }) => rest[0]).sort()).toEqual(voters.map(({ id }) => id).sort());
    for (const { rest } of rows) expect(rest[1]).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('of a secret poll name nobody, in any answer', async () => {
    const given = await poll({ secrecy: 'secret' });
    const receipts = await Promise.all(voters.map((who, i) => vote(who, given, { candidateId: given.candidates[i % 3], nonce: randomBytes(16).toString('base64url'), opinion: `opinion ${i}` })));
    const { text } = await get(moderator, given, 'ballots').expect(200);
    expect(text.split('\r\n')[0]).toBe('ballotId,choice');
    expect(csvRows(text)).toHaveLength(6);
    for (const { rest } of csvRows(text)) expect(rest).toEqual([]);
    const answers = await Promise.all(['result', 'ballots', 'ballots?format=blt', 'ballots?format=abif', 'opinions', 'audit', 'turnout', `receipts/${receipts[0]!}`].map((path) => get(moderator, given, path).expect(200)));
    for (const answer of answers) for (const { id } of voters) expect(answer.text ?? String(answer.body)).not.toContain(id);
    // Nor does a receipt lead to a ballot.
    for (const receipt of receipts) expect(text).not.toContain(receipt);
  });

  it('as BLT and as ABIF can be counted elsewhere, with the same result', async () => {
    for (const method of ['single', 'irv', 'schulze'] as const) {
      const given = await voted(method);
      const expected = (await get(onlooker, given, 'result').expect(200)).body;
      const choiceOf = (ranking: string[][]): Choice => (method === 'single' ? { candidateId: ranking[0]![0]! } : { ranking });
      const blt = (await get(onlooker, given, 'ballots?format=blt').expect(200)).text.trimEnd().split('\n');
      const end = blt.indexOf('0');
      expect([blt[0], blt.slice(end + 1)]).toEqual(['3 1', ['"A"', '"B"', '"C"', '"Which one?"']]);
      const fromBlt = blt.slice(1, end).map((line) => {
        const [votes, ...ranks] = line.split(' ');
        expect(ranks.pop()).toBe('0');
        return { votes: Number(votes), choice: choiceOf(ranks.map((rank) => rank.split('=').map((n) => given.candidates[Number(n) - 1]!))) };
      });
      const { headers, text } = await get(onlooker, given, 'ballots?format=abif').expect(200);
      expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'content-disposition': `attachment; filename="poll-${given.id}.abif"` });
      const tokens = new Map([...text.matchAll(/^=(\w+):\[(.)\]$/gm)].map(([, token, name]) => [token!, given.candidates['ABC'.indexOf(name!)]!]));
      const fromAbif = [...text.matchAll(/^(\d+):(.+)$/gm)].map(([, votes, ranks]) => ({ votes: Number(votes), choice: choiceOf(ranks!.split('>').map((rank) => rank.split('=').map((token) => tokens.get(token)!))) }));
      for (const tally of [fromBlt, fromAbif]) expect(expected).toMatchObject(recount(method, given, tally));
    }
  });

  it('with scores are no BLT', async () => {
    const given = await voted('score');
    expect((await get(onlooker, given, 'ballots?format=blt').expect(422)).body.code).toBe('poll.format-unsupported');
    const { text } = await get(onlooker, given, 'ballots?format=abif').expect(200);
    const fromAbif = [...text.matchAll(/^(\d+):(.+)$/gm)].map(([, votes, scores]) => ({
      votes: Number(votes),
      choice: { scores: Object.fromEntries(scores!.split(',').map((part) => part.split('/')).map(([token, score]) => [given.candidates[Number(token!.slice(1)) - 1]!, Number(score)])) },
    }));
    expect((await get(onlooker, given, 'result').expect(200)).body).toMatchObject(recount('score', given, fromAbif));
  });

  it('are sent a page at a time, each once', async () => {
    const given = await poll();
    const choice = JSON.stringify({ candidateId: given.candidates[0] });
    const ids = Array.from({ length: 2_001 }, () => newId()).sort();
    await app.app.get(Transactions).run(async (tx) => {
      await tx.write('INSERT INTO poll_tally (poll_id, choice_hash, choice, votes) VALUES (?, ?, ?, ?)', [given.id, createHash('sha256').update(choice).digest(), choice, ids.length]);
      await tx.write('INSERT INTO poll_ballot (poll_id, id, choice_hash, voter_id, cast_at) VALUES ?', [ids.map((id) => [given.id, id, createHash('sha256').update(choice).digest(), id, new Date()])]);
    });
    expect(csvRows((await get(onlooker, given, 'ballots').expect(200)).text).map(({ id }) => id)).toEqual(ids);
  });
});

describe('opinions', () => {
  const opinions = async (who: GivenMember, given: GivenPoll, query = '') => (await get(who, given, `opinions${query}`).expect(200)).body as { items: { id: string; opinion: string; voterId?: string; status?: string }[]; nextCursor: string | null };
  const moderate = (who: GivenMember, given: GivenPoll, id: string, body: object) => app.http.patch(`/api/polls/${given.id}/opinions/${id}`).set(who.auth).send(body);

  it('come in pages, and hidden ones to moderators alone', async () => {
    const given = await poll();
    await Promise.all(voters.map((who, i) => vote(who, given, { candidateId: given.candidates[0], ...(i > 0 && { opinion: `opinion ${i}` }) })));
    const first = await opinions(onlooker, given, '?limit=3');
    const second = await opinions(onlooker, given, `?limit=3&cursor=${first.nextCursor!}`);
    const all = [...first.items, ...second.items];
    expect([first.items.length, second.nextCursor]).toEqual([3, null]);
    expect(all.map(({ opinion, voterId }) => `${voterId!} ${opinion}`).sort()).toEqual(voters.slice(1).map(({ id }, i) => `${id} opinion ${i + 1}`).sort());

    const hidden = all[0]!;
    expect((await moderate(moderator, given, hidden.id, { status: 'hidden' }).expect(200)).body).toEqual({ ...hidden, status: 'hidden' });
    await moderate(moderator, given, hidden.id, { status: 'hidden' }).expect(200);
    expect((await opinions(onlooker, given)).items).toEqual(all.slice(1));
    expect((await opinions(moderator, given)).items).toEqual(all.map((opinion) => ({ ...opinion, status: opinion.id === hidden.id ? 'hidden' : 'visible' })));
    expect((await get(onlooker, given, 'result')).body.totalVotes).toBe(6);
    // It was done once, and is on record once.
    expect(await database.rows('SELECT action, actor_id AS actorId FROM audit_entry WHERE subject_id = ?', [given.id])).toEqual([{ action: 'poll.opinion-hidden', actorId: moderator.id }]);
    await moderate(moderator, given, hidden.id, { status: 'visible' }).expect(200);
    expect((await opinions(onlooker, given)).items).toEqual(all);
  });

  it('are moderated by moderators, who must be let read them', async () => {
    const given = await poll({ results: 'after-close' });
    await vote(voters[0]!, given, { candidateId: given.candidates[0], opinion: 'mine' });
    const [row] = await database.rows<{ id: string }>('SELECT id FROM poll_opinion WHERE poll_id = ?', [given.id]);
    expect((await moderate(moderator, given, row!.id, { status: 'hidden' }).expect(403)).body.code).toBe('poll.results-hidden');
    await act(given, 'close');
    await moderate(moderator, given, row!.id, { status: 'hidden' }).expect(200);
    expect((await moderate(onlooker, given, row!.id, { status: 'hidden' }).expect(403)).body.code).toBe('auth.forbidden');
    expect((await moderate(moderator, given, newId(), { status: 'hidden' }).expect(404)).body.code).toBe('not-found');
    expect((await moderate(moderator, await poll(), row!.id, { status: 'hidden' }).expect(404)).body.code).toBe('not-found');
    await moderate(moderator, given, row!.id, { status: 'gone' }).expect(400);
  });

  it('have cursors of their own poll', async () => {
    const [one, other] = [await poll(), await poll()];
    for (const who of voters.slice(0, 2)) await vote(who, one, { candidateId: one.candidates[0], opinion: 'mine' });
    const { nextCursor } = await opinions(onlooker, one, '?limit=1');
    await get(onlooker, other, `opinions?cursor=${nextCursor!}`).expect(400);
  });
});

describe('the chain', () => {
  interface Audit {
    genesis: string;
    seedCommitment: string;
    seed?: string;
    head: { seq: number; hash: string };
    items: { seq: number; hash: string; receipts: string[] }[];
    nextCursor: string | null;
    certification?: { resultSha256: string };
  }
  /** What a newcomer does who has read the description. */
  const walk = async (given: GivenPoll) => {
    const pages: Audit[] = [];
    do pages.push((await get(onlooker, given, `audit?limit=2${pages.length === 0 ? '' : `&cursor=${pages.at(-1)!.nextCursor!}`}`).expect(200)).body as Audit);
    while (pages.at(-1)!.nextCursor !== null);
    const [{ genesis, seedCommitment, head, seed, certification }] = pages as [Audit];
    expect(genesis).toBe(sha256(`${given.id}|${seedCommitment}`));
    const links = pages.flatMap(({ items }) => items);
    const end = links.reduce((hash, link) => {
      expect(link.hash).toBe(sha256([hash, ...[...link.receipts].sort()].join('|')));
      return link.hash;
    }, genesis);
    expect([end, links.length]).toEqual([head.hash, head.seq]);
    return { links, seed, seedCommitment, certification };
  };

  it('can be recomputed, and holds every receipt', async () => {
    const given = await poll({ allowChange: true });
    const receipts: string[] = [];
    for (const who of voters) receipts.push(await vote(who, given, { candidateId: given.candidates[0] }));
    const { body: { receipt: changed } } = await app.http.put(`/api/polls/${given.id}/votes/mine`).set(voters[0]!.auth).send({ candidateId: given.candidates[1] }).expect(200);
    const { links, seed } = await walk(given);
    expect(links.flatMap((link) => link.receipts).sort()).toEqual([...receipts, `-${receipts[0]!}`, changed as string].sort());
    expect(seed).toBeUndefined();
    for (const [receipt, counted] of [[receipts[0]!, false], [receipts[1]!, true], [changed as string, true]] as const) {
      const { body } = await get(onlooker, given, `receipts/${receipt}`).expect(200);
      expect(body).toMatchObject({ receipt, counted, head: { seq: 7, hash: links.at(-1)!.hash } });
      expect(body.link.hash).toBe(sha256([body.link.previous, ...body.link.receipts].join('|')));
      expect(body.link.receipts).toContain(receipt);
      expect(links[body.link.seq - 1]!.hash).toBe(body.link.hash);
    }
  });

  it('knows no receipts but its own', async () => {
    const given = await poll({ allowChange: true });
    const receipt = await vote(voters[0]!, given, { candidateId: given.candidates[0] });
    await app.http.delete(`/api/polls/${given.id}/votes/mine`).set(voters[0]!.auth).expect(204);
    for (const other of [newId(), `-${receipt}`, 'ü', '%F0%9F%8C%8A', 'x'.repeat(500)]) expect((await get(onlooker, given, `receipts/${other}`).expect(404)).body.code).toBe('not-found');
    expect((await get(onlooker, await poll(), `receipts/${receipt}`).expect(404)).body.code).toBe('not-found');
    await get(onlooker, await poll(), 'audit?cursor=made.up').expect(400);
  });

  it('of a closed poll reveals the seed, and of a certified one covers the result, byte by byte', async () => {
    const given = await voted('irv');
    await get(onlooker, given, 'result').expect(200);
    await act(given, 'close');
    const closed = await walk(given);
    expect(sha256(closed.seed!)).toBe(closed.seedCommitment);
    expect(closed.certification).toBeUndefined();
    await act(given, 'certify');
    const { links, certification } = await walk(given);
    expect(links.at(-1)!.receipts).toEqual([`result:${certification!.resultSha256}`]);
    const { text, body } = await get(onlooker, given, 'result').expect(200);
    expect(sha256(text)).toBe(certification!.resultSha256);
    expect(body).toMatchObject({ final: true, totalVotes: 6, method: 'irv', rounds: expect.any(Array) });
    expect((await get(onlooker, given, 'result?window=PT1H').expect(200)).body).toEqual({ ...body, votesInWindow: 6 });
    // It is what was certified, whatever the tables say later.
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE poll_tally SET votes = votes + 1 WHERE poll_id = ?', [given.id]));
    const other = await createTestApp({ APP_SECRET: app.secret });
    expect((await other.http.get(`/api/polls/${given.id}/result`).set(onlooker.auth).expect(200)).text).toBe(text);
    await other.close();
  });
});

it('the turnout of a public poll is of nobody knows how many', async () => {
  const given = await poll({ electorate: 'public' });
  await vote(voters[0]!, given, { candidateId: given.candidates[0] });
  expect((await get(undefined, given, 'turnout').expect(200)).body).toEqual({ voters: 1 });
});

it('the turnout of a poll for all is of all members', async () => {
  const given = await voted('single', { quorum: { percent: 100 } });
  const { body } = await get(onlooker, given, 'turnout').expect(200);
  const [row] = await database.rows<{ members: number }>('SELECT COUNT(*) AS members FROM member');
  expect(body).toEqual({ voters: 6, eligible: row!.members, percent: Math.round((6 / row!.members) * 1_000) / 10, quorum: { required: row!.members, reached: false } });
});
