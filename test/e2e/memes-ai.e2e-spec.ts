import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { AiDrafts } from '../../src/features/memes/ai/ai-drafts.service.js';
import { CommunityCaptions } from '../../src/features/memes/ai/community-captions.service.js';
import { MemeChanges } from '../../src/features/memes/meme-changes.service.js';
import type { NewMeme } from '../../src/features/memes/meme.repository.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { says, sends, startAiEndpoint, type AiEndpoint, type Completion } from '../support/ai-endpoint.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { insertMeme, subscribed } from '../support/given-memes.js';

const KEY = 'sk-a-key-that-nobody-sees';

let endpoint: AiEndpoint;
/** Asks the endpoint. */
let app: TestApp;
let admin: GivenMember;
let mia: GivenMember;

/** A member who may order, with so many credits. */
const subscriber = async (credits: number, at = app): Promise<GivenMember> => subscribed(at, admin, await at.given.member({ credits }));

const order = (auth: Record<string, string>, prompt: unknown = 'the printer', headers: Record<string, string> = {}) =>
  app.http.post('/api/memes/ai').set(auth).set(headers).send({ prompt });
const balance = async ({ auth }: GivenMember): Promise<{ posted: number; held: number }> => {
  const { posted, held } = (await app.http.get('/api/credits').set(auth).expect(200)).body;
  return { posted, held };
};
const memesOf = ({ id }: GivenMember) => app.app.get(Database).rows<Record<string, unknown>>('SELECT * FROM meme WHERE created_by = ? ORDER BY id', [id]);
const insert = (meme: Partial<NewMeme>, at = app): Promise<string> => insertMeme(at, { template: 'Owl', imageUrl: '', ...meme });

beforeAll(async () => {
  endpoint = await startAiEndpoint();
  app = await createTestApp({ AI_BASE_URL: `${endpoint.url}/`, AI_API_KEY: KEY, AI_MODEL: 'owl-7b' });
  await app.app.get(Transactions).run((tx) => tx.write('DELETE FROM meme'));
  admin = await app.given.member({ role: 'admin' });
  mia = await subscriber(1000);
});
beforeEach(() => endpoint.answer(says('{"upper": "one does not simply", "lower": "mock an endpoint"}')));
afterAll(async () => {
  await app.close();
  await endpoint.stop();
});

describe('POST /api/memes/ai', () => {
  it('answers a meme by the endpoint, for one credit, which its maker finds at once', async () => {
    const member = await subscriber(5);
    endpoint.answer(says('{"upper": "brace yourselves", "lower": "zzwinterzz is coming to Berlin"}'));
    const asked = endpoint.asked.length;
    const answer = await order(member.auth, 'winter <here>').expect(201);
    expect(answer.body).toEqual({
      id: expect.any(String), caption: 'brace yourselves zzwinterzz is coming to Berlin', upper: 'brace yourselves', lower: 'zzwinterzz is coming to Berlin', template: 'blank',
      imageUrl: '/api/memes/render/blank/brace_yourselves/zzwinterzz_is_coming_to_Berlin.webp', lat: expect.closeTo(52.5, 1), lon: expect.closeTo(13.4, 1),
      likes: 0, kind: 'ai', tags: [], rating: 'unrated', language: null, createdAt: expect.any(String), generatedBy: 'owl-7b',
    });
    expect(answer.headers['location']).toBe(`/api/memes/${answer.body.id}`);
    expect(await balance(member)).toEqual({ posted: 4, held: 0 });
    const { body: entries } = await app.http.get('/api/credits/entries').set(member.auth).expect(200);
    expect(entries.items[0]).toMatchObject({ amount: -1, kind: 'capture' });
    expect(await memesOf(member)).toMatchObject([{ kind: 'ai', status: 'visible', created_by: member.id }]);
    expect((await app.http.get('/api/memes').query({ query: 'zzwinterzz' }).set(member.auth).expect(200)).body.items).toMatchObject([{ id: answer.body.id, kind: 'ai' }]);
    await app.http.get(answer.body.imageUrl).expect(200).expect('Content-Type', 'image/webp');

    expect(endpoint.asked).toHaveLength(asked + 1);
    const { path, headers, body } = endpoint.asked.at(-1)!;
    expect(path).toBe('/v1/chat/completions');
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(body.model).toBe('owl-7b');
    expect(body.messages.filter(({ role }) => role === 'user')).toEqual([{ role: 'user', content: 'winter <here>' }]);
    expect(JSON.stringify(endpoint.asked.at(-1))).not.toContain(member.id);
  });

  it('takes the template of the meme that is most like it, of those that everybody sees', async () => {
    await insert({ template: 'Brave Bicycle', caption: 'a zzbicyclezz in the rain' });
    await insert({ template: 'Secret', caption: 'zzbicyclezz zztandemzz', kind: 'ai' });
    endpoint.answer(says('zzbicyclezz\nzztandemzz'));
    const { body } = await order(mia.auth).expect(201);
    expect(body).toMatchObject({ template: 'Brave Bicycle', imageUrl: '/api/memes/render/Brave_Bicycle/zzbicyclezz/zztandemzz.webp' });
    await app.http.get(body.imageUrl).expect(200);

    endpoint.answer(says('kwyjibo\nblorp'));
    expect((await order(mia.auth, 'zzbicyclezz').expect(201)).body.template).toBe('Brave Bicycle');
  });

  it('is for members with memes.ai, whatever their role, and for their API tokens, where the member pays', async () => {
    const asked = endpoint.asked.length;
    await app.http.post('/api/memes/ai').send({ prompt: 'x' }).expect(401);
    for (const { auth } of [await app.given.member(), await app.given.member({ role: 'moderator' }), admin]) expect((await order(auth).expect(403)).body.code).toBe('auth.forbidden');
    const member = await subscriber(2);
    const tokenWith = async (permissions: string[]) => (await app.http.post('/api/api-tokens').set(member.auth).send({ name: permissions.join(), permissions }).expect(201)).body.secret as string;
    await order({ 'X-Token': await tokenWith(['memes.read']) }).expect(403);
    expect(endpoint.asked).toHaveLength(asked);
    await order({ 'X-Token': await tokenWith(['memes.ai']) }).expect(201);
    expect(await balance(member)).toEqual({ posted: 1, held: 0 });

    await app.http.delete(`/api/members/${member.id}/entitlements/memes.ai`).set(admin.auth).expect(204);
    expect((await order(member.auth)).status).toBeGreaterThanOrEqual(401);
  });

  it.each<[string, unknown]>([
    ['an empty one', ''], ['a blank one', ' \n '], ['a number', 7], ['a list', ['x']], ['null', null], ['501 characters', 'x'.repeat(501)],
  ])('refuses as a prompt %s', async (_, prompt) => {
    const { body } = await order(mia.auth, prompt).expect(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: expect.arrayContaining([expect.objectContaining({ path: 'prompt' })]) });
  });

  it('refuses what it does not know, and takes 500 characters of any kind', async () => {
    for (const body of [{ prompt: 'x', kind: 'normal' }, {}, []]) await app.http.post('/api/memes/ai').set(mia.auth).send(body).expect(400);
    await order(mia.auth, '😀'.repeat(500)).expect(201);
    await order(mia.auth, `'"%;<script>\n\u202e`).expect(201);
  });

  it('asks for the credit before anything is written', async () => {
    const poor = await subscriber(0);
    const asked = endpoint.asked.length;
    const { body } = await order(poor.auth).expect(402);
    expect(body).toMatchObject({ code: 'credits.insufficient', available: 0, required: 1 });
    expect(endpoint.asked).toHaveLength(asked);
    expect(await memesOf(poor)).toEqual([]);
  });

  it('sells five credits to twenty orders at once exactly five times', async () => {
    const member = await subscriber(5);
    const answers = await Promise.all(Array.from({ length: 20 }, () => order(member.auth)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(5).fill(201), ...Array<number>(15).fill(402)]);
    expect(await balance(member)).toEqual({ posted: 0, held: 0 });
    expect((await memesOf(member)).map(({ id }) => id).sort()).toEqual(answers.filter(({ status }) => status === 201).map(({ body }) => body.id as string).sort());
  });
});

describe('an order that fails', () => {
  let member: GivenMember;
  let drafts: AiDrafts;
  beforeAll(async () => {
    member = await subscriber(3);
    drafts = app.app.get(AiDrafts);
  });

  const never: Completion = () => undefined;
  const endless = (chunk: string, everyMs: number): Completion => (response: ServerResponse) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"choices": [{"message": {"content": "');
    const timer = setInterval(() => response.write(chunk), everyMs);
    response.on('close', () => clearInterval(timer));
  };
  const MIB = 2 ** 20;

  it.each<[string, Completion]>([
    ['a server error', sends('{"error": {"message": "boom"}}', 500)],
    ['too many requests', sends('{"error": {"message": "slow down"}}', 429)],
    ['a wrong key', sends(`{"error": {"message": "Incorrect API key provided: ${KEY}"}}`, 401)],
    ['an unknown model', sends('{"error": {"message": "no such model"}}', 404)],
    ['an answer that is no JSON', sends('<html>')],
    ['an answer of another shape', sends('{"choices": "none"}')],
    ['an answer without choices', sends('{"choices": []}')],
    ['an answer that is null', sends('null')],
    ['an empty answer', sends('')],
    ['no content', says(null)],
    ['a caption that is none', says('I am sorry, I cannot\nwrite\nmemes.')],
    ['a caption that is too long', says(`${'x'.repeat(201)}\nb`)],
    ['coarse words', says('{"upper": "what the", "lower": "fuck"}')],
    ['coarse words across both lines', says('{"upper": "f u", "lower": "c k"}')],
    ['a closed connection', (response) => void response.socket!.destroy()],
    ['half an answer', (response) => void response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' }).write('{"choices"', () => response.socket!.destroy())],
    ['an answer elsewhere', (response) => void response.writeHead(307, { Location: `${endpoint.url}/elsewhere` }).end()],
  ])('by %s is 502, and the credit is back', async (_, completion) => {
    endpoint.answer(completion);
    const asked = endpoint.asked.length;
    const { body, text } = await order(member.auth).expect(502);
    expect(body).toMatchObject({ code: 'ai.failed', status: 502 });
    expect(text).not.toContain('sk-');
    expect(endpoint.asked).toHaveLength(asked + 1);
    expect(await balance(member)).toEqual({ posted: 3, held: 0 });
    expect(await memesOf(member)).toEqual([]);
  });

  it.each<[string, Completion]>([['never comes', never], ['never ends', endless('x', 20)]])('by an answer that %s is 502 when its time is over, and the credit is back', async (_, completion) => {
    endpoint.answer(completion);
    drafts.timeoutMs = 300;
    try {
      expect((await order(member.auth).expect(502)).body.code).toBe('ai.failed');
    } finally {
      drafts.timeoutMs = 10_000;
    }
    expect(await balance(member)).toEqual({ posted: 3, held: 0 });
    expect(await memesOf(member)).toEqual([]);
  });

  it('by an answer without end is 502 long before it fills the memory', async () => {
    let sent = 0;
    endpoint.answer((response) => {
      const timer = setInterval(() => {
        sent += MIB;
        response.write(Buffer.alloc(MIB, 'x'));
      }, 5);
      response.writeHead(200, { 'Content-Type': 'application/json' }).on('close', () => clearInterval(timer));
    });
    expect((await order(member.auth).expect(502)).body.code).toBe('ai.failed');
    expect(sent).toBeLessThan(200 * MIB);
    expect(await balance(member)).toEqual({ posted: 3, held: 0 });
  });

  it('by an endpoint that is not there is 502', async () => {
    const gone = await startAiEndpoint();
    await gone.stop();
    const other = await createTestApp({ AI_BASE_URL: gone.url, AI_MODEL: 'gone', APP_SECRET: app.secret });
    try {
      await other.http.post('/api/memes/ai').set(member.auth).send({ prompt: 'x' }).expect(502);
    } finally {
      await other.close();
    }
    expect(await balance(member)).toEqual({ posted: 3, held: 0 });
  });

  it('is not charged when the hold has lapsed before the caption came', async () => {
    endpoint.answer(async (response, asked) => {
      await app.app.get(Transactions).run((tx) => tx.write("UPDATE credit_hold SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE ref_type = 'meme_ai' AND status = 'open'"));
      await says('too\nlate')(response, asked);
    });
    expect((await order(member.auth).expect(502)).body.code).toBe('ai.failed');
    expect(await balance(member)).toEqual({ posted: 3, held: 0 });
    expect(await memesOf(member)).toEqual([]);
  });
});

it('whoever hangs up has ordered all the same', async () => {
  const member = await subscriber(2);
  let arrived: () => void = () => undefined;
  let go: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  const gone = new Promise<void>((resolve) => (go = resolve));
  endpoint.answer(async (response, ask) => {
    arrived();
    await gone;
    await says('up\ndown')(response, ask);
  });
  const stop = new AbortController();
  const request = fetch(`${app.url}/api/memes/ai`, { method: 'POST', headers: { ...member.auth, 'Content-Type': 'application/json' }, body: '{"prompt": "x"}', signal: stop.signal }).catch(() => undefined);
  await asked;
  expect(await balance(member)).toEqual({ posted: 2, held: 1 });
  stop.abort();
  await request;
  go();
  await eventually(async () => expect(await balance(member)).toEqual({ posted: 1, held: 0 }));
  expect(await memesOf(member)).toHaveLength(1);
});

describe('an Idempotency-Key', () => {
  it('makes of ten orders at once one meme for one credit, even when there is no more than one', async () => {
    const member = await subscriber(1);
    const key = newId();
    const asked = endpoint.asked.length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => order(member.auth, 'the printer', { 'Idempotency-Key': key }).expect(201)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect(endpoint.asked).toHaveLength(asked + 1);
    expect(await balance(member)).toEqual({ posted: 0, held: 0 });
    expect(await memesOf(member)).toHaveLength(1);

    const again = await order(member.auth, 'the printer', { 'Idempotency-Key': key }).expect(201);
    expect([again.text, again.headers['idempotency-replayed']]).toEqual([answers[0]!.text, 'true']);
    expect((await order(member.auth, 'another', { 'Idempotency-Key': key }).expect(422)).body.code).toBe('idempotency.key-reused');
  });

  it('lets twins in two processes both write, and one of them be the meme', async () => {
    const member = await subscriber(2);
    const key = newId();
    const other = await createTestApp({ AI_BASE_URL: endpoint.url, AI_MODEL: 'owl-7b', APP_SECRET: app.secret });
    try {
      // Neither is answered before both have asked.
      const waiting: (() => void)[] = [];
      endpoint.answer(async (response, asked) => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 2) for (const go of waiting) go();
        });
        await says(`caption\n${waiting.length}`)(response, asked);
      });
      const answers = await Promise.all([app, other].map(({ http }) => http.post('/api/memes/ai').set(member.auth).set('Idempotency-Key', key).send({ prompt: 'twins' }).expect(201)));
      expect(answers[0]!.body).toEqual(answers[1]!.body);
      expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(1);
    } finally {
      await other.close();
    }
    expect(await balance(member)).toEqual({ posted: 1, held: 0 });
    expect(await memesOf(member)).toHaveLength(1);
  });

  it('of a failed order may be used again', async () => {
    const member = await subscriber(1);
    const headers = { 'Idempotency-Key': newId() };
    endpoint.answer(sends('', 500));
    await order(member.auth, 'x', headers).expect(502);
    endpoint.answer(says('up\ndown'));
    expect((await order(member.auth, 'x', headers).expect(201)).headers).not.toHaveProperty('idempotency-replayed');
    expect(await balance(member)).toEqual({ posted: 0, held: 0 });
  });

  it('is forgotten after 24 hours', async () => {
    const member = await subscriber(2);
    const headers = { 'Idempotency-Key': newId() };
    const first = await order(member.auth, 'x', headers).expect(201);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE idempotency SET created_at = created_at - INTERVAL 25 HOUR WHERE actor_id = ?', [member.id]));
    expect((await order(member.auth, 'x', headers).expect(201)).body.id).not.toBe(first.body.id);
    expect(await balance(member)).toEqual({ posted: 0, held: 0 });
  });

  it('is of its member alone, and of no use without the entitlement', async () => {
    const headers = { 'Idempotency-Key': newId() };
    endpoint.answer(says('zzcanaryzz\nof one'));
    await order(mia.auth, 'x', headers).expect(201);
    const [other, outsider] = [await subscriber(1), await app.given.member()];
    endpoint.answer(says('another\none'));
    expect((await order(other.auth, 'x', headers).expect(201)).body.caption).toBe('another one');
    expect((await order(outsider.auth, 'x', headers).expect(403)).text).not.toContain('zzcanaryzz');
  });
});

it('shows a generated meme to nobody without the entitlement: no export, no picture, no file of a list', async () => {
  endpoint.answer(says('zzcanaryzz\nzzcanaryzz'));
  const { body: meme } = await order(mia.auth, 'zzcanaryzz').expect(201);
  const outsider = await app.given.member({ credits: 5 });
  const exported = async ({ auth }: GivenMember) => {
    const { body } = await app.http.post('/api/exports').set(auth).send({ source: 'memes', format: 'ndjson' }).expect(202);
    return eventually(async () => {
      const { headers } = await app.http.get(`/api/exports/${body.id}/download`).set(auth).redirects(0).expect(302);
      const file = await fetch(new URL(headers['location']!, app.url));
      expect(file.status).toBe(200);
      return file.text();
    }, 15_000);
  };
  expect(await exported(mia)).toContain('zzcanaryzz');
  expect(await exported(outsider)).not.toContain('zzcanaryzz');

  const unknown = await app.http.get(`/api/memes/render/${newId()}/_/_.png`).expect(404);
  const generated = await app.http.get(`/api/memes/render/${meme.id}/_/_.png`).expect(404);
  expect(strip(generated.body)).toEqual(strip(unknown.body));
  await app.http.get(`/api/memes/${meme.id}`).set(outsider.auth).expect(404);
  const refused = await app.http.post('/api/memes/ai').set(outsider.auth).send({ prompt: 'zzcanaryzz' }).expect(403);
  expect(refused.text).not.toContain('zzcanaryzz');
});

describe("Plaza's own writer", () => {
  let own: TestApp;
  let member: GivenMember;
  beforeAll(async () => {
    own = await createTestApp({ APP_SECRET: app.secret });
    member = await subscriber(1000, own);
  });
  afterAll(() => own.close());
  const write = async (prompt: string) => (await own.http.post('/api/memes/ai').set(member.auth).send({ prompt }).expect(201)).body;
  const wordsOf = (texts: readonly string[]) => new Set(texts.flatMap((text) => text.split(' ')));

  it('writes in a community that has no memes yet', async () => {
    await own.app.get(Transactions).run((tx) => tx.write('DELETE FROM meme'));
    const fresh = await createTestApp({ APP_SECRET: app.secret });
    try {
      const { body } = await fresh.http.post('/api/memes/ai').set(member.auth).send({ prompt: 'coffee' }).expect(201);
      expect(body).toMatchObject({ kind: 'ai', generatedBy: 'markov', template: 'blank' });
      expect(body.caption).toMatch(/coffee/);
    } finally {
      await fresh.close();
    }
  });

  it('says only words of captions that everybody sees, about the prompt, and nothing that was there', async () => {
    // Lines end as nothing else does: else so few have words at the top and at the bottom that all tries may be in vain.
    const captions = Array.from({ length: 40 }, (_, i) => ({ upper: `the zzowlzz${i % 4} sees number ${i % 7}`, lower: `and counted ${i} far trees of day${i % 5}` }));
    for (const { upper, lower } of captions) await insert({ upper, lower, caption: `${upper} ${lower}`, template: 'Owl' }, own);
    for (let i = 0; i < 3; i += 1) {
      await insert({ upper: `the zzowlzz0 sees zzsecret${i} number`, lower: 'and number zzsecret', caption: `the zzowlzz0 sees zzsecret${i}`, kind: 'ai' }, own);
      const id = newId();
      await insert({ id, upper: `the zzowlzz0 sees zzhidden${i} number`, lower: 'and number zzhidden', caption: `the zzowlzz0 sees zzhidden${i}` }, own);
      await own.app.get(Transactions).run(async (tx) => {
        await tx.write("UPDATE meme SET status = 'hidden', change_seq = ? WHERE id = ?", [await own.app.get(MemeChanges).number(tx), id]);
      });
    }
    const known = wordsOf(captions.flatMap(({ upper, lower }) => [upper, lower]));
    const written = await Promise.all(Array.from({ length: 12 }, () => write('what does the zzowlzz2 say?')));
    for (const { upper, lower, template, generatedBy } of written) {
      expect([...wordsOf([upper, lower])].filter((word) => word !== '' && !known.has(word))).toEqual([]);
      expect(`${upper} ${lower}`).toContain('zzowlzz2');
      expect([upper, lower]).not.toContain('');
      expect(captions).not.toContainEqual({ upper, lower });
      expect([template, generatedBy]).toEqual(['Owl', 'markov']);
    }
  });

  it('learns what has words of the prompt, and what is new where that is little', async () => {
    for (const caption of ['zzfoxzz', 'first', 'second', 'third']) await insert({ caption }, own);
    const captions = own.app.get(CommunityCaptions);
    const about = async (text: string) => (await captions.about(text)).map(({ caption }) => caption);
    expect((await about('zzfoxzz?')).slice(0, 4)).toEqual(['zzfoxzz', 'third', 'second', 'first']);
    expect(new Set(await about('zzfoxzz?')).size).toBeGreaterThan(20);
    for (const text of ['zznobodyzz 👍', '👍']) expect((await about(text)).slice(0, 4)).toEqual(['third', 'second', 'first', 'zzfoxzz']);
    for (let i = 0; i < 40; i += 1) await insert({ caption: `zzwolfzz ${i}` }, own);
    expect((await about('the zzwolfzz')).filter((caption) => caption.includes('zzwolfzz'))).toHaveLength(40);
    expect((await about('zzwolfzz')).every((caption) => caption.includes('zzwolfzz'))).toBe(true);
  });

  it('says what nobody has said', async () => {
    const said = ['yes', 'no', 'never', 'always', 'maybe'].flatMap((answer) => ['rain', 'snow', 'hail', 'wind', 'sun'].map((weather) => ({ upper: `zzheronzz says ${answer}`, lower: `to ${weather}` }))).slice(0, -1);
    // So many that nothing else is learnt.
    for (let i = 0; i < 48; i += 1) await insert({ ...said[i % said.length], caption: 'zzheronzz' }, own);
    for (const { caption } of await Promise.all(Array.from({ length: 6 }, () => write('zzheronzz')))) expect(caption).toBe('zzheronzz says maybe to sun');
  });

  it('leaves coarse words alone, however many there are to learn from', async () => {
    for (let i = 0; i < 30; i += 1) await insert({ upper: `zzcrowzz says fuck number ${i % 6}`, lower: `zzcrowzz sees a tree ${i % 9}`, caption: `zzcrowzz ${i}` }, own);
    for (const { caption } of await Promise.all(Array.from({ length: 8 }, () => write('zzcrowzz')))) expect(caption).not.toContain('fuck');
  });

  it('is not thrown by what a member wrote', async () => {
    for (const word of ['constructor', '__proto__', 'hasOwnProperty', 'toString']) {
      for (let i = 0; i < 8; i += 1) await insert({ upper: `zzproto ${word} number ${i}`, lower: `${word} is ${word} ${i}`, caption: `zzproto ${word} ${i}` }, own);
    }
    await write('zzproto');
  });
});

function strip({ requestId: _, instance: __, ...body }: Record<string, unknown>): Record<string, unknown> {
  return body;
}
