import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { GivenMember } from '../support/app.js';
import { openMemes, type MemeBody, type MemesHarness } from '../support/memes-harness.js';

const UNKNOWN = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01';

interface Reported extends MemeBody { reports: { memberId: string; reason: string; createdAt: string }[] }
interface ReportedPage { items: Reported[]; nextCursor: string | null }

let plaza: MemesHarness;
let mia: GivenMember;
let moderator: GivenMember;
let others: GivenMember[];

beforeAll(async () => {
  plaza = await openMemes();
  [mia, moderator] = [await plaza.given.member(), await plaza.given.member({ role: 'moderator' })];
  others = await Promise.all(Array.from({ length: 20 }, () => plaza.given.member()));
});
afterEach(async () => {
  expect(await plaza.likeViolations()).toEqual([]);
});
afterAll(() => plaza.close());

const like = (id: string, as: GivenMember) => plaza.http.put(`/api/memes/${id}/like`).set(as.auth);
const unlike = (id: string, as: GivenMember) => plaza.http.delete(`/api/memes/${id}/like`).set(as.auth);
const report = (id: string, as: GivenMember, reason = 'not nice') => plaza.http.post(`/api/memes/${id}/reports`).set(as.auth).send({ reason });
const decide = (id: string, status: string) => plaza.http.patch(`/api/memes/${id}`).set(moderator.auth).send({ status });
const queue = async (query: object = {}, as = moderator): Promise<ReportedPage> => ((await plaza.http.get('/api/memes/reported').query(query).set(as.auth).expect(200)) as { body: ReportedPage }).body;
const trending = async (): Promise<string[]> => ((await plaza.http.get('/api/memes/trending').set(mia.auth).expect(200)) as { body: { items: MemeBody[] } }).body.items.map(({ id }) => id);

describe('likes', () => {
  it('count once each, however often they are given or taken back', async () => {
    const { id } = await plaza.make(mia);
    const [ada, ben] = others;
    expect((await like(id, ada!).expect(200)).body).toEqual({ liked: true, likes: 1 });
    expect((await like(id, ada!).expect(200)).body).toEqual({ liked: true, likes: 1 });
    expect((await like(id, ben!).expect(200)).body).toEqual({ liked: true, likes: 2 });
    expect((await plaza.http.get(`/api/memes/${id}`).set(mia.auth).expect(200)).body.likes).toBe(2);
    expect((await unlike(id, ada!).expect(200)).body).toEqual({ liked: false, likes: 1 });
    expect((await unlike(id, ada!).expect(200)).body).toEqual({ liked: false, likes: 1 });
    expect((await unlike(id, ben!).expect(200)).body).toEqual({ liked: false, likes: 0 });
    expect(await plaza.row(id)).toMatchObject({ likes: 0, trend: null });
  });

  it('make a meme trend, and no more when they are taken back', async () => {
    const [one, two] = [await plaza.make(mia), await plaza.make(mia)];
    for (const member of others.slice(0, 3)) await like(one.id, member);
    await like(two.id, others[0]!);
    expect((await trending()).slice(0, 2)).toEqual([one.id, two.id]);
    for (const member of others.slice(0, 3)) await unlike(one.id, member);
    expect((await trending())[0]).toBe(two.id);
  });

  it('that change nothing leave no trace in the feed of changes', async () => {
    const { id } = await plaza.make(mia);
    await like(id, mia).expect(200);
    const { changeSeq } = await plaza.row(id);
    await like(id, mia).expect(200);
    await unlike(id, others[0]!).expect(200);
    expect((await plaza.row(id)).changeSeq).toBe(changeSeq);
  });

  it('of twenty members at once, given and taken back at random, end as the last word of each says', async () => {
    const { id } = await plaza.make(mia);
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => (Math.random() < 0.6 ? like : unlike)(id, others[n % 20]!)));
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(await plaza.likeViolations()).toEqual([]);
    }
    const final = await Promise.all(others.map((member, n) => (n < 7 ? like : unlike)(id, member)));
    expect(final.map(({ body }) => body.liked)).toEqual(others.map((_, n) => n < 7));
    expect(await plaza.row(id)).toMatchObject({ likes: 7 });
  });

  it('of one member at once count once', async () => {
    const { id } = await plaza.make(mia);
    const answers = await Promise.all(Array.from({ length: 20 }, () => like(id, mia)));
    for (const { status, body } of answers) expect([status, body]).toEqual([200, { liked: true, likes: 1 }]);
  });

  it('meet edits and reports of the same memes without harm', async () => {
    const memes = [await plaza.make(mia), await plaza.make(mia)];
    const calls = others.flatMap((member, n) => {
      const { id } = memes[n % 2]!;
      return [like(id, member), plaza.http.patch(`/api/memes/${memes[(n + 1) % 2]!.id}`).set(mia.auth).send({ lower: `edit ${n}` }), unlike(memes[(n + 1) % 2]!.id, member), like(id, member)];
    });
    const statuses = (await Promise.all([...calls, report(memes[0]!.id, others[0]!), report(memes[0]!.id, others[1]!)])).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 201)).toEqual([]);
    for (const { id } of memes) expect(await plaza.row(id)).toMatchObject({ likes: 10 });
  });

  it('are for what is shown, by who is signed in, without a body', async () => {
    const { id } = await plaza.make(mia);
    await plaza.http.put(`/api/memes/${id}/like`).expect(401);
    await plaza.http.delete(`/api/memes/${id}/like`).expect(401);
    await like(id, mia).send({ stars: 5 }).expect(400);
    for (const unknown of [UNKNOWN, 'seven']) for (const call of [like, unlike]) expect((await call(unknown, mia).expect(404)).body.code).toBe('not-found');
    for (const status of ['pending', 'hidden']) {
      await decide(id, status).expect(200);
      for (const call of [like, unlike]) for (const as of [mia, others[0]!, moderator]) expect((await call(id, as).expect(404)).body.code).toBe('not-found');
    }
  });

  it('are for tokens that may write', async () => {
    const { id } = await plaza.make(mia);
    const { body } = await plaza.http.post('/api/api-tokens').set(mia.auth).send({ name: 'reader', permissions: ['memes.read'] }).expect(201);
    for (const call of [plaza.http.put(`/api/memes/${id}/like`), plaza.http.delete(`/api/memes/${id}/like`), plaza.http.post(`/api/memes/${id}/reports`).send({ reason: 'x' })]) {
      expect((await call.set({ Authorization: `Bearer ${body.secret}` }).expect(403)).body.code).toBe('auth.forbidden');
    }
  });
});

describe('reports', () => {
  it('are kept once each: again they answer with the first', async () => {
    const { id } = await plaza.make(mia);
    const first = await report(id, others[0]!, '  rude\nto me ').expect(201);
    expect(first.body).toEqual({ memeId: id, reason: 'rude\nto me', createdAt: expect.stringMatching(/Z$/) });
    expect((await report(id, others[0]!, 'something else').expect(201)).body).toEqual(first.body);
    for (let n = 0; n < 5; n += 1) await report(id, others[0]!);
    expect(await plaza.row(id)).toMatchObject({ status: 'visible' });
  });

  it('need no reason', async () => {
    for (const body of [undefined, {}, { reason: '' }, { reason: '  ' }]) {
      const { id } = await plaza.make(mia);
      expect((await plaza.http.post(`/api/memes/${id}/reports`).set(others[0]!.auth).send(body).expect(201)).body).toMatchObject({ memeId: id, reason: '' });
    }
  });

  it.each([['x'.repeat(501)], ['a\0b'], [7], [null], [['a']]])('want a text of at most 500 characters as a reason, and not %j', async (reason) => {
    const { body } = await plaza.http.post(`/api/memes/${UNKNOWN}/reports`).set(mia.auth).send({ reason }).expect(400);
    expect(body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'reason' })]));
  });

  it('of three members take a meme out of sight until a moderator decides', async () => {
    const { id } = await plaza.make(mia, { upper: 'axolotlword' });
    const shown = async () => ((await plaza.http.get('/api/memes').query({ query: 'axolotlword' }).set(mia.auth).expect(200)).body as { items: unknown[] }).items.length;
    await report(id, others[0]!).expect(201);
    await report(id, others[1]!).expect(201);
    expect(await shown()).toBe(1);
    const third = await report(id, others[2]!).expect(201);
    expect(await shown()).toBe(0);
    expect(await plaza.row(id)).toMatchObject({ status: 'pending' });
    expect((await report(id, others[2]!, 'again').expect(201)).body).toEqual(third.body);
    expect((await report(id, others[3]!).expect(404)).body.code).toBe('not-found');

    await decide(id, 'visible').expect(200);
    expect(await shown()).toBe(1);
    await report(id, others[0]!, 'still').expect(201);
    await report(id, others[3]!).expect(201);
    expect(await shown()).toBe(1);
    await report(id, others[4]!).expect(201);
    expect(await shown()).toBe(0);
    await decide(id, 'hidden').expect(200);
    expect((await report(id, others[0]!).expect(404)).body.code).toBe('not-found');
  });

  it('that a moderator finds baseless do not count on', async () => {
    const { id } = await plaza.make(mia);
    for (const member of others.slice(0, 2)) await report(id, member);
    await decide(id, 'visible').expect(200);
    for (const member of others.slice(2, 4)) await report(id, member);
    expect(await plaza.row(id)).toMatchObject({ status: 'visible' });
    const [entry] = await plaza.database.rows<{ details: string }>('SELECT details FROM audit_entry WHERE subject_id = ?', [id]);
    expect(JSON.parse(entry!.details)).toEqual({ fields: [], dismissedReports: 2 });
  });

  it('take nothing out of sight that a moderator has rated, so that three members alone cannot keep it away', async () => {
    const { id } = await plaza.make(mia);
    await plaza.http.patch(`/api/memes/${id}`).set(moderator.auth).send({ status: 'visible', rating: 'safe' }).expect(200);
    for (const member of others.slice(0, 4)) await report(id, member).expect(201);
    expect(await plaza.row(id)).toMatchObject({ status: 'visible' });
    expect((await queue()).items.map((meme) => [meme.id, meme.reports.length])).toContainEqual([id, 4]);
  });

  it('of many at once take it out of sight once, with three of them', async () => {
    const { id } = await plaza.make(mia);
    const statuses = (await Promise.all(others.map((member) => report(id, member)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(3);
    expect(statuses.filter((status) => status === 404)).toHaveLength(17);
    expect(await plaza.row(id)).toMatchObject({ status: 'pending' });
  });

  it('are refused where there is nothing to see', async () => {
    for (const id of [UNKNOWN, 'seven']) expect((await report(id, mia).expect(404)).body.code).toBe('not-found');
    await plaza.http.post(`/api/memes/${UNKNOWN}/reports`).send({ reason: 'x' }).expect(401);
  });
});

describe('GET /api/memes/reported', () => {
  beforeAll(() => plaza.transactions.run(async (tx) => {
    await tx.write('DELETE FROM meme_report');
    await tx.write("UPDATE meme SET status = 'visible' WHERE status = 'pending'");
  }));

  it('is for moderators', async () => {
    await plaza.http.get('/api/memes/reported').expect(401);
    expect((await plaza.http.get('/api/memes/reported').set(mia.auth).expect(403)).body.code).toBe('auth.forbidden');
    for (const query of [{ limit: 0 }, { limit: 101 }, { cursor: 'made-up' }, { colour: 'red' }]) await plaza.http.get('/api/memes/reported').query(query).set(moderator.auth).expect(400);
  });

  it('lists what waits, the newest report first, until it is decided about', async () => {
    expect(await queue()).toEqual({ items: [], nextCursor: null });
    const [quiet, one, two] = [await plaza.make(mia), await plaza.make(mia), await plaza.make(mia)];
    await report(two.id, others[0]!, 'first');
    await report(one.id, others[1]!, 'second');
    await report(two.id, others[2]!, 'third');
    const { items, nextCursor } = await queue();
    expect(nextCursor).toBeNull();
    expect(items.map(({ id, reports }) => [id, reports.map(({ reason }) => reason)])).toEqual([[two.id, ['third', 'first']], [one.id, ['second']]]);
    expect(items[0]).toEqual({ ...two, reports: [{ memberId: others[2]!.id, reason: 'third', createdAt: expect.stringMatching(/Z$/) }, expect.objectContaining({ memberId: others[0]!.id })] });

    await decide(quiet.id, 'pending').expect(200);
    const byHand = (await queue()).items.find(({ id }) => id === quiet.id);
    expect(byHand).toMatchObject({ status: 'pending', reports: [] });

    await decide(two.id, 'pending').expect(200);
    // The one without reports stands where it was made: before any report.
    expect((await queue()).items.map(({ id, status, reports }) => [id, status, reports.length])).toEqual([[two.id, 'pending', 2], [one.id, 'visible', 1], [quiet.id, 'pending', 0]]);
    await decide(two.id, 'hidden').expect(200);
    await decide(quiet.id, 'visible').expect(200);
    expect((await queue()).items.map(({ id }) => id)).toEqual([one.id]);
    await plaza.http.delete(`/api/memes/${one.id}`).set(mia.auth).expect(204);
    expect((await queue()).items).toEqual([]);
  });

  it('pages without repeating or missing one, also of the same instant', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push((await plaza.make(mia)).id);
    for (const id of ids) await report(id, others[0]!);
    await plaza.transactions.run((tx) => tx.write('UPDATE meme_report SET created_at = (SELECT * FROM (SELECT MIN(created_at) FROM meme_report) first)'));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: ReportedPage = await queue({ limit: 2, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(ids.toReversed());
    for (const id of ids) await decide(id, 'visible');
  });

  it('shows generated memes to moderators who are entitled to them alone', async () => {
    const [reader, entitled] = [await plaza.subscriber(), await plaza.subscriber({ role: 'moderator' })];
    const id = await plaza.generated(reader, 'zzcanaryzz');
    await report(id, reader).expect(201);
    expect(JSON.stringify(await queue())).not.toContain('zzcanaryzz');
    expect((await queue({}, entitled)).items.map((meme) => meme.id)).toEqual([id]);
    await plaza.http.patch(`/api/memes/${id}`).set(entitled.auth).send({ status: 'hidden' }).expect(200);
    expect((await queue({}, entitled)).items).toEqual([]);
  });
});
