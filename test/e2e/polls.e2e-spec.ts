import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '../../src/features/voting/chain.rules.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenPoll, type GivenPollOptions } from '../support/given-polls.js';
import { pollViolations } from '../support/polls-invariants.js';

interface PollBody {
  id: string;
  candidates: { id: string; name: string; description: string | null; withdrawn: boolean }[];
  state: string;
  opensAt: string | null;
  closesAt: string | null;
  seedCommitment: string;
  seed?: string;
  memberIds?: string[];
  can: object;
}

const HOUR = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();
const ORDER = { title: 'Which machine?', method: 'single', candidates: [{ name: 'Ada' }, { name: 'Ben', description: 'The other\none' }] };

let app: TestApp;
let database: Database;
let moderator: GivenMember;
let mia: GivenMember;
let ben: GivenMember;

beforeAll(async () => {
  app = await createTestApp();
  database = app.app.get(Database);
  [moderator, mia, ben] = [await app.given.member({ role: 'moderator' }), await app.given.member(), await app.given.member()];
});
afterEach(async () => expect(await pollViolations(database)).toEqual([]));
afterAll(() => app.close());

const given = (options?: GivenPollOptions) => givenPoll(app.app.get(Transactions), options);
const post = (body: object, headers: Record<string, string> = {}) => app.http.post('/api/polls').set({ ...moderator.auth, ...headers }).send(body);
const make = async (body: object = {}): Promise<PollBody> => (await post({ ...ORDER, ...body }).expect(201)).body;
const get = (id: string, as: { auth: object } = mia) => app.http.get(`/api/polls/${id}`).set(as.auth as Record<string, string>);
const shown = async (id: string, as?: { auth: object }): Promise<PollBody> => (await get(id, as).expect(200)).body;
const patch = (id: string, body: object) => app.http.patch(`/api/polls/${id}`).set(moderator.auth).send(body);
const act = (id: string, what: string) => app.http.post(`/api/polls/${id}/${what}`).set(moderator.auth);
const vote = (id: string, candidateId: string, as: { auth: object } = mia) => app.http.post(`/api/polls/${id}/votes`).set(as.auth as Record<string, string>).send({ candidateId });
const guest = { auth: {} };
const recorded = async (id: string) => (await database.rows<{ action: string }>('SELECT action FROM audit_entry WHERE subject_id = ? ORDER BY seq', [id])).map(({ action }) => action);

describe('POST /api/polls', () => {
  it('makes a draft with what a poll is unless somebody says otherwise', async () => {
    const { body, headers } = await post(ORDER).expect(201);
    expect(body).toEqual({
      id: expect.any(String), title: 'Which machine?', description: null, method: 'single',
      candidates: [
        { id: expect.any(String), name: 'Ada', description: null, withdrawn: false },
        { id: expect.any(String), name: 'Ben', description: 'The other\none', withdrawn: false },
      ],
      electorate: 'all', allowChange: false, secrecy: 'named', results: 'live', opensAt: null, closesAt: null, quorum: null, maxScore: 5, state: 'draft',
      seedCommitment: expect.stringMatching(/^[0-9a-f]{64}$/), createdAt: expect.stringMatching(/Z$/), can: { vote: false, change: false, seeResults: false },
    });
    expect(headers['location']).toBe(`/api/polls/${body.id}`);
    expect(await shown(body.id, moderator)).toEqual(body);
    expect(await recorded(body.id)).toEqual(['poll.created']);
    const [secret] = await database.rows<{ seed: string; secret: Buffer }>('SELECT seed, voter_secret AS secret FROM poll_secret WHERE poll_id = ?', [body.id]);
    expect(sha256(secret!.seed)).toBe(body.seedCommitment);
    expect(secret!.secret).toHaveLength(32);
  });

  it('keeps everything that is said', async () => {
    const said = {
      title: 'Who?', description: 'Read this.', method: 'score', electorate: 'list', allowChange: true, secrecy: 'named', results: 'after-close', opensAt: inHours(1), closesAt: inHours(2),
      quorum: { min: 2, percent: 50 }, maxScore: 10,
    };
    const memberIds = [mia.id, ben.id];
    const poll = await make({ ...said, memberIds: memberIds.map((id) => id.toUpperCase()), candidates: [{ name: '  Zoe ' }, { name: '😀', description: null }] });
    expect(poll).toMatchObject({ ...said, memberIds: memberIds.sort(), state: 'draft' });
    expect(poll.candidates.map(({ name }) => name)).toEqual(['Zoe', '😀']);
    expect(await shown(poll.id, moderator)).toEqual(poll);
  });

  it('takes 100 candidates, and names of 200 characters', async () => {
    const candidates = Array.from({ length: 100 }, (_, n) => ({ name: `${n} ${'猫'.repeat(200)}`.slice(0, 200) }));
    expect((await make({ candidates, title: '猫'.repeat(200), description: '猫'.repeat(5_000) })).candidates).toHaveLength(100);
  });

  it('opens at once what should have opened before', async () => {
    const poll = await make({ opensAt: inHours(-1), closesAt: inHours(1) });
    expect(poll).toMatchObject({ state: 'open', can: { vote: true, change: false, seeResults: true } });
    await vote(poll.id, poll.candidates[0]!.id).expect(201);
  });

  it('makes one poll of a request that is sent twice', async () => {
    const key = { 'Idempotency-Key': newId() };
    const first = await post(ORDER, key).expect(201);
    const again = await post(ORDER, key).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', location: first.headers['location'] });
    expect((await post({ ...ORDER, title: 'Another' }, key).expect(422)).body.code).toBe('idempotency.key-reused');
  });

  it('takes the examples of the documentation as they stand', async () => {
    const { paths } = (await app.http.get('/api/openapi.json').expect(200)).body;
    const valuesOf = (operation: { requestBody: { content: Record<string, { examples: Record<string, { value: object }> }> } }) =>
      Object.values(operation.requestBody.content['application/json']!.examples).map(({ value }) => value);
    for (const value of valuesOf(paths['/api/polls'].post)) await post(value).expect(201);
    const { id } = await make();
    for (const value of valuesOf(paths['/api/polls/{id}'].patch)) await patch(id, value).expect(200);
  });

  it.each<[string, string, object]>([
    ['no title', 'title', { title: undefined }],
    ['an empty title', 'title', { title: ' ' }],
    ['a title of 201 characters', 'title', { title: 'x'.repeat(201) }],
    ['a title on two lines', 'title', { title: 'a\nb' }],
    ['a long description', 'description', { description: 'x'.repeat(5_001) }],
    ['no method', 'method', { method: undefined }],
    ['an unknown method', 'method', { method: 'dice' }],
    ['no candidates', 'candidates', { candidates: undefined }],
    ['null for candidates', 'candidates', { candidates: null }],
    ['an empty list of candidates', 'candidates', { candidates: [] }],
    ['101 candidates', 'candidates', { candidates: Array.from({ length: 101 }, (_, n) => ({ name: `${n}` })) }],
    ['an object of candidates', 'candidates', { candidates: { 0: { name: 'Ada' } } }],
    ['candidates that are texts', 'candidates', { candidates: ['Ada'] }],
    ['a candidate that is null', 'candidates', { candidates: [null] }],
    ['a candidate that is a list', 'candidates', { candidates: [[{ name: 'Ada' }]] }],
    ['a candidate without a name', 'candidates.1.name', { candidates: [{ name: 'Ada' }, {}] }],
    ['a candidate with an empty name', 'candidates.0.name', { candidates: [{ name: ' ' }] }],
    ['a candidate with a long name', 'candidates.0.name', { candidates: [{ name: 'x'.repeat(201) }] }],
    ['a candidate with an id', 'candidates.0.id', { candidates: [{ name: 'Ada', id: 'a' }] }],
    ['two candidates of one name', 'candidates.1.name', { candidates: [{ name: 'Ada' }, { name: ' Ada ' }] }],
    ['an unknown electorate', 'electorate', { electorate: 'cats' }],
    ['null for the electorate', 'electorate', { electorate: null }],
    ['a list without members', 'memberIds', { electorate: 'list' }],
    ['an empty list of members', 'memberIds', { electorate: 'list', memberIds: [] }],
    ['a member twice', 'memberIds', { electorate: 'list', memberIds: [newId()].flatMap((id) => [id, id.toUpperCase()]) }],
    ['a member that is no id', 'memberIds', { electorate: 'list', memberIds: ['mia'] }],
    ['members without a list', 'memberIds', { memberIds: [newId()] }],
    ['5,001 members', 'memberIds', { electorate: 'list', memberIds: Array.from({ length: 5_001 }, () => newId()) }],
    ['words for allowChange', 'allowChange', { allowChange: 'yes' }],
    ['an unknown secrecy', 'secrecy', { secrecy: 'open' }],
    ['unknown results', 'results', { results: 'never' }],
    ['a time without an offset', 'opensAt', { opensAt: '2026-01-01T00:00:00' }],
    ['a number for a time', 'closesAt', { closesAt: 1 }],
    ['an empty quorum', 'quorum.min', { quorum: {} }],
    ['a quorum of none', 'quorum.min', { quorum: { min: 0 } }],
    ['null for a quorum of', 'quorum.min', { quorum: { min: null, percent: 5 } }],
    ['a quorum of 101 percent', 'quorum.percent', { quorum: { percent: 101 } }],
    ['a quorum of more than there are people', 'quorum.min', { quorum: { min: 3e9 } }],
    ['a number for a quorum', 'quorum', { quorum: 5 }],
    ['a list of quorums', 'quorum', { quorum: [{ min: 1 }] }],
    ['no score', 'maxScore', { maxScore: 0 }],
    ['a score of 101', 'maxScore', { maxScore: 101 }],
    ['half a score', 'maxScore', { maxScore: 1.5 }],
    ['a state', 'state', { state: 'open' }],
  ])('refuses %s', async (_, path, fault) => {
    const { body } = await post({ ...ORDER, ...fault }).expect(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: expect.arrayContaining([expect.objectContaining({ path })]) });
  });

  it.each<[string, string, object]>([
    ['members that there are not', 'memberIds', { electorate: 'list', memberIds: [newId()] }],
    ['percent of nobody knows how many', 'quorum.percent', { electorate: 'public', quorum: { percent: 10 } }],
    ['a closing time that is past', 'closesAt', { closesAt: inHours(-1) }],
    ['a closing time before it opens', 'closesAt', { opensAt: inHours(2), closesAt: inHours(1) }],
    ['a closing time that stands for never', 'closesAt', { closesAt: '9999-01-01T00:00:00Z' }],
  ])('refuses %s', async (_, path, fault) => {
    expect((await post({ ...ORDER, ...fault }).expect(422)).body).toMatchObject({ code: 'poll.invalid', path, reason: expect.any(String) });
  });

  it('refuses secret votes that can be changed', async () => {
    expect((await post({ ...ORDER, secrecy: 'secret', allowChange: true }).expect(422)).body.code).toBe('poll.secret-final');
    expect(await make({ secrecy: 'secret' })).toMatchObject({ secrecy: 'secret', allowChange: false });
  });
});

describe('GET /api/polls', () => {
  it('shows drafts to those who manage polls, and public polls to everybody', async () => {
    const [draft, open, open4all] = [await given({ opensInMs: null }), await given(), await given({ electorate: 'public' })];
    const listed = async (as: { auth: object }, query = {}) =>
      (await app.http.get('/api/polls').set(as.auth as Record<string, string>).query({ limit: 100, ...query }).expect(200)).body.items.map(({ id }: PollBody) => id) as string[];
    const mine = async (as: { auth: object }, query?: object) => (await listed(as, query)).filter((id) => [draft.id, open.id, open4all.id].includes(id));
    expect(await mine(moderator)).toEqual([open4all.id, open.id, draft.id]);
    expect(await mine(mia)).toEqual([open4all.id, open.id]);
    expect(await mine(guest)).toEqual([open4all.id]);
    expect(await mine(moderator, { state: 'draft' })).toEqual([draft.id]);
    expect(await listed(mia, { state: 'draft' })).toEqual([]);
    expect(await mine(mia, { state: '' })).toEqual([open4all.id, open.id]);
    await get(draft.id, moderator).expect(200);
    expect((await get(draft.id).expect(404)).body.code).toBe('not-found');
    await get(open4all.id, guest).expect(200);
    expect((await get(open.id, guest).expect(401)).body.code).toBe('auth.required');
    expect((await get(newId(), guest).expect(401)).body.code).toBe('auth.required');
    await get(newId()).expect(404);
    await get('seven').expect(404);
  });

  it('shows no public draft to guests', async () => {
    const draft = await given({ electorate: 'public', opensInMs: HOUR });
    await get(draft.id, guest).expect(404);
    expect((await app.http.get('/api/polls').query({ limit: 100 })).body.items.map(({ id }: PollBody) => id)).not.toContain(draft.id);
  });

  it('finds each poll by its state, and by no other', async () => {
    const polls = {
      draft: await given({ opensInMs: HOUR }), open: await given({ closesInMs: HOUR }), closed: await given({ opensInMs: -HOUR, closesInMs: -1 }),
      certified: await given(), cancelled: await given(),
    };
    await act(polls.certified.id, 'close').expect(200);
    await act(polls.certified.id, 'certify').expect(200);
    await act(polls.cancelled.id, 'cancel').expect(200);
    const ids = Object.values(polls).map(({ id }) => id);
    for (const [state, { id }] of Object.entries(polls)) {
      const { body } = await app.http.get('/api/polls').set(moderator.auth).query({ state, limit: 100 }).expect(200);
      expect(body.items.map((poll: PollBody) => poll.id).filter((one: string) => ids.includes(one))).toEqual([id]);
      expect(new Set(body.items.map((poll: PollBody) => poll.state))).toEqual(new Set([state]));
    }
  });

  it('pages from the newest to the oldest, each poll once', async () => {
    for (let n = 0; n < 3; n += 1) await given();
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = (await app.http.get('/api/polls').set(mia.auth).query({ limit: 2, cursor }).expect(200)) as { body: { items: PollBody[]; nextCursor: string | null } };
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
    for (const query of [{ limit: 0 }, { limit: 101 }, { cursor: 'x' }, { state: 'ajar' }, { sort: 'title' }]) await app.http.get('/api/polls').set(mia.auth).query(query).expect(400);
  });

  it('says what each can do', async () => {
    const can = async (id: string, as: { auth: object } = mia) => (await shown(id, as)).can;
    const listed = async (id: string) => (await app.http.get('/api/polls').set(mia.auth).query({ limit: 100 })).body.items.find((poll: PollBody) => poll.id === id).can;
    const poll = await given({ allowChange: true, results: 'after-vote', memberIds: [mia.id] });
    expect(await can(poll.id)).toEqual({ vote: true, change: false, seeResults: false });
    expect(await can(poll.id, ben)).toEqual({ vote: false, change: false, seeResults: false });
    await vote(poll.id, poll.candidates[0]!).expect(201);
    expect(await can(poll.id)).toEqual({ vote: false, change: true, seeResults: true });
    expect(await listed(poll.id)).toEqual({ vote: false, change: true, seeResults: true });
    await act(poll.id, 'close').expect(200);
    expect(await can(poll.id)).toEqual({ vote: false, change: false, seeResults: true });
    expect(await can(poll.id, ben)).toEqual({ vote: false, change: false, seeResults: true });
    const admins = await given({ results: 'admins' });
    expect(await can(admins.id)).toEqual({ vote: true, change: false, seeResults: false });
    expect(await can(admins.id, moderator)).toEqual({ vote: true, change: false, seeResults: true });
  });

  it('says so to API tokens, which may do no more than they were made for', async () => {
    const tokenOf = async (permissions: string[]) => ({ auth: { 'X-Token': (await app.http.post('/api/api-tokens').set(mia.auth).send({ name: 'bot', permissions }).expect(201)).body.secret as string } });
    const poll = await given();
    expect((await shown(poll.id, await tokenOf(['polls.read']))).can).toEqual({ vote: false, change: false, seeResults: true });
    expect((await shown(poll.id, await tokenOf(['polls.read', 'polls.vote']))).can).toEqual({ vote: true, change: false, seeResults: true });
    await get(poll.id, await tokenOf(['credits.read'])).expect(403);
  });

  it('tells who is on the list to those who manage polls, and in no list of polls', async () => {
    const poll = await make({ electorate: 'list', memberIds: [mia.id], opensAt: inHours(-1) });
    expect((await shown(poll.id, moderator)).memberIds).toEqual([mia.id]);
    expect(await shown(poll.id)).not.toHaveProperty('memberIds');
    const { body } = await app.http.get('/api/polls').set(moderator.auth).expect(200);
    expect(body.items.some((item: PollBody) => 'memberIds' in item)).toBe(false);
  });
});

describe('PATCH /api/polls/:id', () => {
  it('makes another poll of a draft', async () => {
    const { id, candidates } = await make();
    const change = {
      title: 'Who?', description: 'New', method: 'approval', electorate: 'list', memberIds: [ben.id], allowChange: true, results: 'admins', opensAt: inHours(1), closesAt: inHours(2), quorum: { percent: 20 }, maxScore: 7,
    };
    const { body } = (await patch(id, { ...change, candidates: [{ name: 'Zoe' }] }).expect(200)) as { body: PollBody };
    expect(body).toMatchObject({ ...change, state: 'draft' });
    expect(body.candidates).toEqual([{ id: expect.any(String), name: 'Zoe', description: null, withdrawn: false }]);
    expect(candidates.map((candidate) => candidate.id)).not.toContain(body.candidates[0]!.id);
    expect(await shown(id, moderator)).toEqual(body);
    // What is left out stays, and null takes away what a poll may do without.
    expect((await patch(id, { title: 'Whoever?' }).expect(200)).body).toEqual({ ...body, title: 'Whoever?' });
    expect((await patch(id, { description: null, quorum: null, opensAt: null, closesAt: null }).expect(200)).body).toEqual({ ...body, title: 'Whoever?', description: null, quorum: null, opensAt: null, closesAt: null });
    const { memberIds, ...forAll } = (await patch(id, { electorate: 'all' }).expect(200)).body;
    expect([forAll.electorate, memberIds]).toEqual(['all', undefined]);
    expect((await patch(id, { electorate: 'list' }).expect(400)).body.errors[0].path).toBe('memberIds');
    expect(await recorded(id)).toEqual(['poll.created', ...Array<string>(4).fill('poll.edited')]);
  });

  it('checks a draft as a new poll is checked', async () => {
    const { id } = await make({ opensAt: inHours(1) });
    const refused = async (body: object, status: number) => (await patch(id, body).expect(status)).body;
    for (const [field, value] of Object.entries({ title: null, method: null, candidates: null, electorate: null, memberIds: null, allowChange: null, secrecy: null, results: null, maxScore: null, state: 'open' })) {
      expect((await refused({ [field]: value }, 400)).errors).toContainEqual(expect.objectContaining({ path: field }));
    }
    await refused({ candidates: [{ name: 'A' }, { name: 'A' }] }, 400);
    await refused({ memberIds: [mia.id] }, 400);
    expect(await refused({ electorate: 'list', memberIds: [newId()] }, 422)).toMatchObject({ code: 'poll.invalid', path: 'memberIds' });
    expect(await refused({ closesAt: inHours(0.5) }, 422)).toMatchObject({ code: 'poll.invalid', path: 'closesAt' });
    await patch(id, { secrecy: 'secret' }).expect(200);
    expect((await refused({ allowChange: true }, 422)).code).toBe('poll.secret-final');
    await patch(id, { quorum: { percent: 5 } }).expect(200);
    expect(await refused({ electorate: 'public' }, 422)).toMatchObject({ code: 'poll.invalid', path: 'quorum.percent' });
    await patch(newId(), {}).expect(404);
  });

  it('changes of an open poll the description, and that it closes later', async () => {
    const { id } = await given({ closesInMs: HOUR });
    const later = inHours(3);
    expect((await patch(id, { description: 'Longer', closesAt: later }).expect(200)).body).toMatchObject({ description: 'Longer', closesAt: later, state: 'open' });
    for (const [body, fields] of [
      [{ title: 'Other', memberIds: [mia.id], electorate: 'list', description: 'x' }, ['electorate', 'memberIds', 'title']],
      [{ candidates: [{ name: 'Zoe' }] }, ['candidates']],
      [{ opensAt: inHours(2) }, ['opensAt']],
      [{ closesAt: inHours(2) }, ['closesAt']],
      [{ closesAt: null }, ['closesAt']],
      [{ results: 'live' }, ['results']],
    ] as const) expect((await patch(id, body).expect(409)).body).toMatchObject({ code: 'poll.not-editable', fields });
    expect(await shown(id)).toMatchObject({ title: 'Which one?', description: 'Longer', closesAt: later, electorate: 'all' });
  });

  it('gives an open poll without a closing time one in the future', async () => {
    const { id } = await given();
    expect((await patch(id, { closesAt: inHours(-1) }).expect(422)).body).toMatchObject({ code: 'poll.invalid', path: 'closesAt' });
    expect((await patch(id, { closesAt: null }).expect(200)).body).toMatchObject({ closesAt: null });
    const soon = inHours(0.1);
    expect((await patch(id, { closesAt: soon }).expect(200)).body).toMatchObject({ closesAt: soon });
  });

  it('changes nothing of a poll that has ended', async () => {
    for (const end of ['close', 'cancel']) {
      const { id } = await given();
      await act(id, end).expect(200);
      expect((await patch(id, { description: 'x' }).expect(409)).body.code).toBe('poll.ended');
    }
    const { id } = await given({ opensInMs: -HOUR, closesInMs: -1 });
    expect((await patch(id, { closesAt: inHours(1) }).expect(409)).body.code).toBe('poll.ended');
  });
});

describe('the life of a poll', () => {
  it('goes from draft to certified, each step once, and is on record', async () => {
    const { id, candidates } = await make();
    expect((await vote(id, candidates[0]!.id).expect(409)).body.code).toBe('poll.not-open');
    const step = async (what: string, state: string) => {
      const first = (await act(id, what).expect(200)).body as PollBody;
      expect(first.state).toBe(state);
      expect((await act(id, what).send({}).expect(200)).body).toEqual(first);
      return first;
    };
    const open = await step('open', 'open');
    expect(open.opensAt).not.toBeNull();
    await vote(id, candidates[0]!.id).expect(201);
    const closed = await step('close', 'closed');
    expect(closed.closesAt).not.toBeNull();
    expect(sha256(closed.seed!)).toBe(closed.seedCommitment);
    expect((await vote(id, candidates[0]!.id, ben).expect(409)).body.code).toBe('poll.not-open');
    expect((await act(id, 'open').expect(409)).body.code).toBe('poll.not-draft');
    const certified = await step('certify', 'certified');
    expect(certified).toEqual({ ...closed, state: 'certified' });
    expect((await act(id, 'close').expect(200)).body.state).toBe('certified');
    expect((await act(id, 'cancel').expect(409)).body.code).toBe('poll.ended');
    expect((await act(id, 'open').expect(409)).body.code).toBe('poll.not-draft');
    expect(await recorded(id)).toEqual(['poll.created', 'poll.opened', 'poll.closed', 'poll.certified']);
  });

  it('shows nobody the seed of lots before it is closed', async () => {
    const poll = await given({ closesInMs: HOUR });
    for (const as of [moderator, mia]) expect(await shown(poll.id, as)).not.toHaveProperty('seed');
    await act(poll.id, 'cancel').expect(200);
    for (const as of [moderator, mia]) expect(await shown(poll.id, as)).not.toHaveProperty('seed');
  });

  it('cannot skip a step', async () => {
    const draft = await given({ opensInMs: null });
    expect((await act(draft.id, 'close').expect(409)).body.code).toBe('poll.not-open');
    expect((await act(draft.id, 'certify').expect(409)).body.code).toBe('poll.not-closed');
    const open = await given();
    expect((await act(open.id, 'certify').expect(409)).body.code).toBe('poll.not-closed');
    for (const what of ['open', 'close', 'certify', 'cancel']) await act(newId(), what).expect(404);
  });

  it('is not opened before its time, nor after it', async () => {
    const scheduled = await given({ opensInMs: HOUR });
    const before = await shown(scheduled.id, moderator);
    expect((await act(scheduled.id, 'open').expect(200)).body).toEqual(before);
    expect(before.state).toBe('draft');
    const late = await given({ opensInMs: null, closesInMs: -1 });
    expect((await act(late.id, 'open').expect(422)).body).toMatchObject({ code: 'poll.invalid', path: 'closesAt' });
  });

  it('ends with a cancellation, after which nobody sees counts', async () => {
    const poll = await given();
    await vote(poll.id, poll.candidates[0]!).expect(201);
    expect((await act(poll.id, 'cancel').expect(200)).body).toMatchObject({ state: 'cancelled', can: { vote: false, change: false, seeResults: false } });
    expect((await act(poll.id, 'cancel').expect(200)).body.state).toBe('cancelled');
    for (const as of [mia, moderator]) expect((await shown(poll.id, as)).can).toEqual({ vote: false, change: false, seeResults: false });
    expect((await vote(poll.id, poll.candidates[0]!, ben).expect(409)).body.code).toBe('poll.not-open');
    expect((await act(poll.id, 'close').expect(409)).body.code).toBe('poll.ended');
    expect((await act(poll.id, 'certify').expect(409)).body.code).toBe('poll.not-closed');
    expect(await recorded(poll.id)).toEqual(['poll.cancelled']);
    const draft = await given({ opensInMs: HOUR });
    expect((await act(draft.id, 'cancel').expect(200)).body.state).toBe('cancelled');
  });

  it('takes no body with an act', async () => {
    const { id } = await given();
    expect((await act(id, 'close').send({ at: 'once' }).expect(400)).body.code).toBe('request.invalid');
  });
});

describe('POST /api/polls/:id/candidates/:candidateId/withdraw', () => {
  it('takes a candidate off the ballots until the result is certified', async () => {
    const poll = await given();
    const withdraw = (candidateId: string, id = poll.id) => act(id, `candidates/${candidateId}/withdraw`);
    const version = async () => (await database.rows<{ version: number }>('SELECT version FROM poll_guard WHERE poll_id = ?', [poll.id]))[0]!.version;
    const before = await version();
    const { body } = (await withdraw(poll.candidates[1]!).expect(200)) as { body: PollBody };
    expect(body.candidates.map(({ withdrawn }) => withdrawn)).toEqual([false, true, false]);
    expect(await version()).toBeGreaterThan(before);
    expect((await withdraw(poll.candidates[1]!).expect(200)).body).toEqual(body);
    await withdraw(newId()).expect(404);
    await withdraw('seven').expect(404);
    await withdraw(poll.candidates[0]!, (await given()).id).expect(404);
    await act(poll.id, 'close').expect(200);
    await withdraw(poll.candidates[0]!).expect(200);
    await act(poll.id, 'certify').expect(200);
    expect((await withdraw(poll.candidates[2]!).expect(409)).body.code).toBe('poll.ended');
    expect(await recorded(poll.id)).toEqual(['poll.candidate-withdrawn', 'poll.closed', 'poll.candidate-withdrawn', 'poll.certified']);
  });
});

describe('POST /api/polls/:id/device-token', () => {
  const issue = (id: string, as: { auth: object } = guest, to = app) => to.http.post(`/api/polls/${id}/device-token`).set(as.auth as Record<string, string>);

  it('lets somebody vote in a public poll without signing in, once', async () => {
    const poll = await given({ electorate: 'public', results: 'after-vote' });
    expect((await shown(poll.id, guest)).can).toEqual({ vote: false, change: false, seeResults: false });
    const { body } = await issue(poll.id).expect(201);
    const device = { auth: { 'X-Device-Token': body.deviceToken as string } };
    expect((await shown(poll.id, device)).can).toEqual({ vote: true, change: false, seeResults: false });
    await vote(poll.id, poll.candidates[0]!, device).expect(201);
    expect((await shown(poll.id, device)).can).toEqual({ vote: false, change: false, seeResults: true });
    expect((await vote(poll.id, poll.candidates[0]!, device).expect(409)).body.code).toBe('poll.already-voted');
    expect((await shown(poll.id, guest)).can).toEqual({ vote: false, change: false, seeResults: false });
  });

  it('gives tokens that are good for one poll', async () => {
    const [poll, other] = [await given({ electorate: 'public' }), await given({ electorate: 'public' })];
    const { body } = await issue(poll.id, mia).expect(201);
    for (const token of [body.deviceToken as string, 'made.up', '']) {
      expect((await get(other.id, { auth: { 'X-Device-Token': token } }).expect(401)).body.code).toBe('poll.device-token-invalid');
    }
    const device = { auth: { 'X-Device-Token': body.deviceToken as string } };
    await get(poll.id.toUpperCase(), device).expect(200);
    await get('no-id', device).expect(404);
  });

  it('gives none for other polls', async () => {
    expect((await issue((await given()).id, mia).expect(403)).body.code).toBe('poll.not-eligible');
    expect((await issue((await given()).id).expect(401)).body.code).toBe('auth.required');
    await issue((await given({ electorate: 'public', opensInMs: null })).id).expect(404);
  });

  it('gives five for each address and hour', async () => {
    const poll = await given({ electorate: 'public' });
    const strict = await createTestApp({ RATE_LIMIT_SCALE: '1' });
    try {
      for (let n = 0; n < 5; n += 1) await issue(poll.id, guest, strict).expect(201);
      const { body, headers } = await issue(poll.id, guest, strict).expect(429);
      expect(body.code).toBe('rate.limited');
      expect(Number(headers['retry-after'])).toBeGreaterThan(3_500);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(3_600);
    } finally {
      await strict.close();
    }
  });
});
