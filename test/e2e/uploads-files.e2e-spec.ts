import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { FileRecord } from '../../src/features/uploads/uploads.types.js';
import { Clock } from '../../src/platform/clock/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenFiles, sha256Of } from '../support/uploads-files.js';
import { uploadViolations } from '../support/uploads-invariants.js';

interface Answer { status: number; headers: Headers; body: Buffer }
interface FileBody { id: string; name: string; state: string; variants: { kind: string }[] }
interface FilePage { items: FileBody[]; nextCursor: string | null }

/** What one character of a link may be changed to: what is found in links, and what parsers treat in their own way. */
const CHARACTERS = [...'0123456789abcdefABCDEFxyz-_.~%&=+;,/?:@!$*|é '];
const SERVED = { 'content-security-policy': "default-src 'none'; sandbox", 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache' };

describe('files of a member', () => {
  let plaza: TestApp;
  let mia: GivenMember;
  let noah: GivenMember;
  let given: ReturnType<typeof givenFiles>;
  const bytes = randomBytes(300_000);
  const picture = { served: randomBytes(5_000), variants: { thumb: randomBytes(100), small: randomBytes(500) } };
  let file: FileRecord;
  let boat: FileRecord;

  const get = async (route: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => {
    const response = await fetch(`${plaza.url}${route}`, { method, headers, redirect: 'manual' });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  };
  const problemOf = ({ body }: Answer) => JSON.parse(body.toString()) as { code: string; state?: string; rejectCode?: string };
  const refusal = (answer: Answer) => [answer.status, problemOf(answer).code];
  const content = (id: string, headers: Record<string, string> = {}, query = '', method = 'GET') => get(`/api/files/${id}/content${query}`, { ...mia.auth, ...headers }, method);
  const link = async (id: string, body: object = {}): Promise<string> => {
    const { body: made } = (await plaza.http.post(`/api/files/${id}/links`).set(mia.auth).send(body).expect(201)) as { body: { url: string } };
    const url = new URL(made.url);
    return url.pathname + url.search;
  };

  beforeAll(async () => {
    plaza = await createTestApp({ UPLOAD_WORKERS: '0', PUBLIC_URL: 'https://plaza.example' });
    given = givenFiles(plaza.app);
    [mia, noah] = [await plaza.given.member(), await plaza.given.member()];
    file = await given.ready(mia.id, bytes, { name: 'notes.bin' });
    boat = await given.ready(mia.id, randomBytes(9_000), { name: 'boat.jpeg', mime: 'image/jpeg', picture });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    expect(await uploadViolations((sql) => plaza.app.get(Database).rows(sql))).toEqual([]);
  });
  afterAll(() => plaza.close());

  describe('are listed', () => {
    const page = async (member: GivenMember, query: string): Promise<FilePage> => ((await plaza.http.get(`/api/files?${query}`).set(member.auth).expect(200)) as { body: FilePage }).body;

    it('newest first, in pages that neither repeat nor miss one while others are added and deleted', async () => {
      const member = await plaza.given.member();
      const ids: string[] = [];
      for (let n = 0; n < 7; n += 1) ids.unshift((await given.ready(member.id, randomBytes(10), { name: `${n}` })).id);
      const seen: string[] = [];
      let cursor = '';
      do {
        const { items, nextCursor } = await page(member, `limit=2${cursor}`);
        seen.push(...items.map(({ id }) => id));
        cursor = nextCursor === null ? '' : `&cursor=${encodeURIComponent(nextCursor)}`;
        await given.ready(member.id, randomBytes(10));
        await plaza.http.delete(`/api/files/${items.at(-1)!.id}`).set(member.auth).expect(204);
      } while (cursor !== '');
      expect(seen).toEqual(ids);
    });

    it('from their first byte on, refused ones included; without what is deleted or expired, and without other members\'', async () => {
      const member = await plaza.given.member();
      const receiving = await given.receiving(member.id, 10);
      const processing = await given.processing(member.id, randomBytes(10));
      const rejected = await given.rejected(member.id, randomBytes(10));
      const deleted = await given.ready(member.id, randomBytes(10));
      await plaza.http.delete(`/api/files/${deleted.id}`).set(member.auth).expect(204);
      await given.expired(member.id);
      const { items, nextCursor } = await page(member, '');
      expect(items.map(({ id, state }) => [id, state])).toEqual([[rejected.id, 'rejected'], [processing.id, 'processing'], [receiving.id, 'receiving']]);
      expect(nextCursor).toBeNull();
    });

    it('but not for a cursor of another list', async () => {
      const answer = await get('/api/files?cursor=x.y', mia.auth);
      expect(refusal(answer)).toEqual([400, 'request.invalid']);
    });
  });

  it('say what is known of them', async () => {
    const { body } = await plaza.http.get(`/api/files/${boat.id}`).set(mia.auth).expect(200);
    expect(body).toEqual({
      id: boat.id, name: 'boat.jpeg', state: 'ready', purpose: 'generic', size: 9_000, mime: 'image/jpeg', sha256: boat.sha256, width: 40, height: 30,
      variants: [{ kind: 'thumb', size: 100, mime: 'image/webp', width: 4, height: 3 }, { kind: 'small', size: 500, mime: 'image/webp', width: 4, height: 3 }],
      createdAt: boat.createdAt.toISOString(),
    });
    const rejected = await given.rejected(mia.id, randomBytes(10));
    expect((await plaza.http.get(`/api/files/${rejected.id}`).set(mia.auth).expect(200)).body).toMatchObject({ state: 'rejected', rejectCode: 'file.infected', variants: [] });
  });

  it('and of the quota, also for a member who has none yet', async () => {
    const member = await plaza.given.member();
    const quota = async () => (await plaza.http.get('/api/files/quota').set(member.auth).expect(200)).body as unknown;
    const max = 5120 * 1024 * 1024;
    expect(await quota()).toEqual({ used: 0, reserved: 0, max });
    await given.ready(member.id, randomBytes(10));
    await given.receiving(member.id, 7);
    expect(await quota()).toEqual({ used: 10, reserved: 7, max });
  });

  describe('belong to their owner', () => {
    it.each(['get', 'content', 'head', 'link', 'delete'])('so to another member, an admin too, they do not exist: %s', async (what) => {
      const admin = await plaza.given.member({ role: 'admin' });
      for (const { auth } of [noah, admin]) {
        const requests = {
          get: () => plaza.http.get(`/api/files/${file.id}`),
          content: () => plaza.http.get(`/api/files/${file.id}/content`),
          head: () => plaza.http.head(`/api/files/${file.id}/content`),
          link: () => plaza.http.post(`/api/files/${file.id}/links`).send({}),
          delete: () => plaza.http.delete(`/api/files/${file.id}`),
        };
        const answer = await requests[what as keyof typeof requests]().set(auth);
        expect(answer.status).toBe(404);
        if (what !== 'head') expect(answer.body).toMatchObject({ code: 'not-found' });
      }
      expect((await get(`/api/files/${file.id}/content`)).status).toBe(401);
      expect((await content(file.id)).status).toBe(200);
    });

    it('and to those tokens of theirs that may read or write files', async () => {
      const token = async (...permissions: string[]) => {
        const { body } = (await plaza.http.post('/api/api-tokens').set(mia.auth).send({ name: 'bot', permissions }).expect(201)) as { body: { secret: string } };
        return { 'X-Token': body.secret };
      };
      const reader = await token('files.read');
      const stranger = await token('credits.read');
      const mine = await given.ready(mia.id, randomBytes(10));
      expect((await get(`/api/files/${mine.id}/content`, stranger)).status).toBe(403);
      await plaza.http.delete(`/api/files/${mine.id}`).set(reader).expect(403);
      expect((await get(`/api/files/${mine.id}/content`, reader)).status).toBe(200);
    });
  });

  describe('and their bytes', () => {
    it('come with their hash, size and name, to be asked about each time, and inert', async () => {
      const answer = await content(file.id);
      expect(answer.status).toBe(200);
      expect(answer.body.equals(bytes)).toBe(true);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        ...SERVED, etag: `"${file.sha256}"`, 'content-length': '300000', 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes',
        'content-disposition': `attachment; filename="notes.bin"; filename*=UTF-8''notes.bin`, 'cross-origin-resource-policy': 'same-origin',
      });
      const head = await content(file.id, {}, '', 'HEAD');
      expect([head.status, head.body.length, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([200, 0, '300000', `"${file.sha256}"`]);
    });

    it('of a picture are the cleaned ones, shown in place; its smaller ones are WebP under their own hash and name', async () => {
      const whole = await content(boat.id);
      expect(whole.body.equals(picture.served)).toBe(true);
      expect(Object.fromEntries(whole.headers)).toMatchObject({
        etag: `"${sha256Of(picture.served)}"`, 'content-type': 'image/jpeg', 'content-disposition': `inline; filename="boat.jpeg"; filename*=UTF-8''boat.jpeg`,
      });
      const thumb = await content(boat.id, {}, '?variant=thumb');
      expect(thumb.body.equals(picture.variants.thumb)).toBe(true);
      expect(Object.fromEntries(thumb.headers)).toMatchObject({
        ...SERVED, etag: `"${sha256Of(picture.variants.thumb)}"`, 'content-type': 'image/webp', 'content-disposition': `inline; filename="boat-thumb.webp"; filename*=UTF-8''boat-thumb.webp`,
      });
      expect((await content(boat.id, { 'If-None-Match': whole.headers.get('etag')! }, '?variant=thumb')).status).toBe(200);
    });

    it('are refused for a smaller picture that there is not, or cannot be', async () => {
      expect(refusal(await content(boat.id, {}, '?variant=large'))).toEqual([404, 'not-found']);
      expect(refusal(await content(file.id, {}, '?variant=thumb'))).toEqual([404, 'not-found']);
      for (const query of ['?variant=huge', '?variant=', '?variant=thumb&variant=small', '?size=1']) expect(refusal(await content(boat.id, {}, query))).toEqual([400, 'request.invalid']);
    });

    it.each<[string, string, 'inline' | 'attachment', string]>([
      ...['image/png', 'image/gif', 'image/webp', 'image/avif', 'video/mp4', 'video/webm', 'audio/mpeg', 'audio/ogg'].map((mime): [string, string, 'inline', string] => ['shown', mime, 'inline', mime]),
      ['saved', 'application/pdf', 'attachment', 'application/pdf'],
      ['saved', 'text/plain', 'attachment', 'text/plain; charset=utf-8'],
      ['saved', 'text/html', 'attachment', 'application/octet-stream'],
      ['saved', 'image/svg+xml', 'attachment', 'application/octet-stream'],
      ['saved', 'application/xml', 'attachment', 'application/octet-stream'],
    ])('are %s: %s', async (_, mime, disposition, type) => {
      const { id } = await given.ready(mia.id, Buffer.from(`<script>alert('${mime}')</script>`.repeat(100)), { name: 'x.html', mime });
      for (const headers of [{}, { Range: 'bytes=0-9' }, { 'Accept-Encoding': 'br, gzip' }] as Record<string, string>[]) {
        const answer = await content(id, headers);
        expect(Object.fromEntries(answer.headers)).toMatchObject({ ...SERVED, 'content-type': type, 'content-disposition': `${disposition}; filename="x.html"; filename*=UTF-8''x.html` });
        expect(answer.headers.get('content-encoding')).toBeNull();
      }
    });

    it.each([
      ['quotes', 'a "b" c.txt', 'a _b_ c.txt', 'a%20%22b%22%20c.txt'],
      ['a parameter', 'a.txt; filename=b.exe', 'a.txt; filename=b.exe', 'a.txt%3B%20filename%3Db.exe'],
      ['emoji', 'größe 😀.txt', 'gr__e _.txt', 'gr%C3%B6%C3%9Fe%20%F0%9F%98%80.txt'],
      ['255 bytes', 'é'.repeat(127) + 'x', '_'.repeat(127) + 'x', '%C3%A9'.repeat(127) + 'x'],
    ])('have a name that nobody misreads: %s', async (_, name, ascii, encoded) => {
      const { id } = await given.ready(mia.id, randomBytes(10), { name });
      expect((await content(id)).headers.get('content-disposition')).toBe(`attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`);
    });

    it('are not sent again to who has them, and the answer replaces no header that protects them', async () => {
      for (const tag of [`"${file.sha256}"`, `W/"${file.sha256}"`, '*', `"x", "${file.sha256}"`]) {
        const answer = await content(file.id, { 'If-None-Match': tag });
        expect([answer.status, answer.body.length]).toEqual([304, 0]);
        expect(Object.fromEntries(answer.headers)).toMatchObject({ ...SERVED, etag: `"${file.sha256}"` });
      }
      expect((await content(file.id, { 'If-None-Match': '"x"' })).status).toBe(200);
    });

    it('come in any ranges, which put together are the file', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 5 }), async (inner) => {
          const cuts = [0, ...inner.sort((a, b) => a - b), bytes.length];
          const parts = await Promise.all(cuts.slice(1).map(async (end, n) => {
            const answer = await content(file.id, { Range: `bytes=${cuts[n]}-${end - 1}`, 'If-Range': `"${file.sha256}"` });
            expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes ${cuts[n]}-${end - 1}/${bytes.length}`]);
            return answer.body;
          }));
          expect(Buffer.concat(parts).equals(bytes)).toBe(true);
        }),
        { numRuns: 10 },
      );
    });

    it.each<[string, Record<string, string>, number, [number, number]]>([
      ['the last bytes', { Range: 'bytes=-5' }, 206, [299_995, 300_000]],
      ['a range of this version', { Range: 'bytes=0-1', 'If-Range': '"{etag}"' }, 206, [0, 2]],
      ['a range of another version, which is the whole', { Range: 'bytes=0-1', 'If-Range': '"0000"' }, 200, [0, 300_000]],
      ['a range of a weak match, which is the whole', { Range: 'bytes=0-1', 'If-Range': 'W/"{etag}"' }, 200, [0, 300_000]],
      ['several ranges, which is the whole', { Range: 'bytes=0-1,5-6' }, 200, [0, 300_000]],
      ['a range after the end', { Range: 'bytes=300000-' }, 416, [0, 0]],
    ])('come by %s', async (_, headers, status, [from, to]) => {
      const answer = await content(file.id, Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('{etag}', file.sha256!)])));
      expect(answer.status).toBe(status);
      expect(answer.body.equals(bytes.subarray(from, to))).toBe(true);
      if (status === 416) expect(answer.headers.get('content-range')).toBe('bytes */300000');
    });

    it('are not there before the file is ready, and not once it is gone', async () => {
      const deleted = await given.ready(mia.id, randomBytes(10));
      await plaza.http.delete(`/api/files/${deleted.id}`).set(mia.auth).expect(204);
      const cases: [FileRecord, number, object][] = [
        [await given.receiving(mia.id, 10), 409, { code: 'file.not-ready', state: 'receiving' }],
        [await given.processing(mia.id, randomBytes(10)), 409, { code: 'file.not-ready', state: 'processing' }],
        [await given.rejected(mia.id, randomBytes(10)), 409, { code: 'file.not-ready', state: 'rejected', rejectCode: 'file.infected' }],
        [await given.expired(mia.id), 410, { code: 'file.expired' }],
        [deleted, 410, { code: 'file.deleted' }],
      ];
      for (const [{ id }, status, problem] of cases) {
        for (const answer of [await content(id), await content(id, {}, '?variant=thumb')]) expect([answer.status, problemOf(answer)]).toEqual([status, expect.objectContaining(problem)]);
        expect((await content(id, {}, '', 'HEAD')).status).toBe(status);
        const linked = await plaza.http.post(`/api/files/${id}/links`).set(mia.auth).send({});
        expect([linked.status, linked.body]).toEqual([status, expect.objectContaining(problem)]);
        const known = await plaza.http.get(`/api/files/${id}`).set(mia.auth);
        expect(known.status).toBe(status === 410 ? 410 : 200);
      }
    });

    it('go on to their end when the file is deleted and swept under them', async () => {
      const large = randomBytes(8_000_000);
      const { id } = await given.ready(mia.id, large);
      const [response] = (await once(http.get(`${plaza.url}/api/files/${id}/content`, { headers: mia.auth }), 'response')) as [IncomingMessage];
      await plaza.http.delete(`/api/files/${id}`).set(mia.auth).expect(204);
      await plaza.app.get(Storage).delete(`uploads/${id}/body`);
      expect((await buffer(response)).equals(large)).toBe(true);
    });

    it('are 410 when the file is deleted and swept between the look and the opening', async () => {
      const storage = plaza.app.get(Storage);
      for (const moment of ['before its size is asked', 'before it is opened'] as const) {
        const { id } = await given.ready(mia.id, randomBytes(10));
        const gone = async () => {
          await plaza.http.delete(`/api/files/${id}`).set(mia.auth).expect(204);
          await storage.delete(`uploads/${id}/body`);
        };
        const find = storage.find.bind(storage);
        jest.spyOn(storage, 'find').mockImplementationOnce(async (key) => {
          const before = await find(key);
          await gone();
          return moment === 'before it is opened' ? before : find(key);
        });
        expect(refusal(await content(id))).toEqual([410, 'file.deleted']);
      }
    });

    it('are whole or 410 to each of many who come while the file is deleted and swept', async () => {
      for (let round = 0; round < 5; round += 1) {
        const mine = await given.ready(mia.id, bytes);
        const shared = await link(mine.id);
        const gone = async () => {
          await plaza.http.delete(`/api/files/${mine.id}`).set(mia.auth).expect(204);
          await plaza.app.get(Storage).delete(`uploads/${mine.id}/body`);
        };
        const [answers] = await Promise.all([Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? get(shared) : content(mine.id)))), gone()]);
        for (const answer of answers) {
          if (answer.status === 200) expect(answer.body.equals(bytes)).toBe(true);
          else expect(refusal(answer)).toEqual([410, 'file.deleted']);
        }
      }
    });

    it('are a fault of ours, and never half an answer, when the storage has lost or cut them', async () => {
      const storage = plaza.app.get(Storage);
      const lost = await given.ready(mia.id, randomBytes(10));
      const damage = [() => storage.delete(`uploads/${lost.id}/body`), () => storage.write(`uploads/${lost.id}/body`, Readable.from([Buffer.from('short')]))];
      for (const damaged of damage) {
        await damaged();
        for (const headers of [{}, { Range: 'bytes=0-1' }] as Record<string, string>[]) {
          const answer = await content(lost.id, headers);
          expect(refusal(answer)).toEqual([500, 'internal']);
          expect(answer.headers.get('etag')).toBeNull();
        }
      }
      await plaza.http.delete(`/api/files/${lost.id}`).set(mia.auth).expect(204);
    });
  });

  describe('are shown by a link to whoever has it', () => {
    it('under the public address, for an hour unless told otherwise', async () => {
      const now = new Date('2026-01-31T12:00:00.500Z');
      jest.spyOn(plaza.app.get(Clock), 'now').mockReturnValue(now);
      const { body } = (await plaza.http.post(`/api/files/${file.id}/links`).set(mia.auth).send({}).expect(201)) as { body: { url: string; expiresAt: string } };
      expect(body).toEqual({ url: expect.stringMatching(`^https://plaza\\.example/api/files/${file.id}/shared\\?expires=\\d+&key=[\\w-]+&signature=[0-9a-f]{64}$`), expiresAt: '2026-01-31T13:00:00.000Z' });
      const week = await plaza.http.post(`/api/files/${file.id}/links`).set(mia.auth).send({ ttlSeconds: 604_800 }).expect(201);
      expect(week.body).toMatchObject({ expiresAt: '2026-02-07T12:00:00.000Z' });
    });

    it.each([{ ttlSeconds: 0 }, { ttlSeconds: 604_801 }, { ttlSeconds: 1.5 }, { ttlSeconds: '60' }, { ttlSeconds: null }, { variant: 'huge' }, { variant: null }, { forever: true }])('but not for %j', async (body) => {
      const refused = await plaza.http.post(`/api/files/${boat.id}/links`).set(mia.auth).send(body).expect(400);
      expect(refused.body).toMatchObject({ code: 'request.invalid' });
    });

    it('with ranges, hash and headers as for its owner, and for the pages of any site', async () => {
      const shared = await link(file.id);
      const answer = await get(shared);
      expect([answer.status, answer.body.equals(bytes)]).toEqual([200, true]);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        ...SERVED, etag: `"${file.sha256}"`, 'content-disposition': `attachment; filename="notes.bin"; filename*=UTF-8''notes.bin`, 'cross-origin-resource-policy': 'cross-origin',
      });
      const part = await get(shared, { Range: 'bytes=10-19', 'If-Range': `"${file.sha256}"` });
      expect([part.status, part.body.equals(bytes.subarray(10, 20))]).toEqual([206, true]);
      expect((await get(shared, { 'If-None-Match': `"${file.sha256}"` })).status).toBe(304);
      const head = await get(shared, {}, 'HEAD');
      expect([head.status, head.headers.get('content-length')]).toEqual([200, '300000']);
    });

    it('or of a smaller picture of it, which opens neither the picture nor another', async () => {
      const thumb = await link(boat.id, { variant: 'thumb' });
      expect((await get(thumb)).body.equals(picture.variants.thumb)).toBe(true);
      const whole = await link(boat.id);
      expect((await get(whole)).body.equals(picture.served)).toBe(true);
      for (const altered of [
        thumb.replace('variant=thumb', 'variant=small'), thumb.replace('variant=thumb&', ''), thumb.replace('variant=thumb', 'variant='), thumb.replace('variant=thumb', 'variant=huge'),
        `${thumb}&variant=thumb`, `${whole}&variant=thumb`, `${whole}&variant=`, thumb.replace(boat.id, file.id),
      ]) expect([altered, ...refusal(await get(altered))]).toEqual([altered, 403, 'file.link-invalid']);
      await plaza.http.post(`/api/files/${boat.id}/links`).set(mia.auth).send({ variant: 'large' }).expect(404);
    });

    it('but opens nothing once any character of it is changed', async () => {
      const shared = await link(boat.id, { variant: 'thumb' });
      const id = shared.indexOf(boat.id);
      const query = shared.indexOf('?') + 1;
      const signed = [...Array.from(boat.id, (_, n) => id + n), ...Array.from(shared.slice(query), (_, n) => query + n)];
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...signed), fc.constantFrom(...CHARACTERS), async (at, character) => {
          fc.pre(shared[at] !== character);
          const answer = await get(shared.slice(0, at) + character + shared.slice(at + 1));
          // Some characters in the id leave the path of another route, or of none.
          if (at < query && '/?%'.includes(character)) expect([400, 401, 403, 404]).toContain(answer.status);
          else expect(refusal(answer)).toEqual([403, 'file.link-invalid']);
        }),
        { numRuns: 300 },
      );
    });

    it('nor when it is cut short, swapped with another, or anything is added', async () => {
      const [shared, other] = [await link(file.id), await link(boat.id)];
      for (let length = shared.indexOf('?'); length < shared.length; length += 7) expect(refusal(await get(shared.slice(0, length)))).toEqual([403, 'file.link-invalid']);
      for (const altered of [`${shared}&x=1`, `${shared}&expires=9999999999`, shared.replace(file.id, boat.id), shared.replace(/\?.*/, other.slice(other.indexOf('?'))), shared.replace(/expires=\d+/, 'expires=9999999999')]) {
        expect(refusal(await get(altered))).toEqual([403, 'file.link-invalid']);
      }
    });

    it('runs out after its time; an altered one is not told so', async () => {
      const now = jest.spyOn(plaza.app.get(Clock), 'now');
      const at = Math.floor(Date.now() / 1000) * 1000;
      now.mockReturnValue(new Date(at));
      const shared = await link(file.id, { ttlSeconds: 60 });
      now.mockReturnValue(new Date(at + 59_000));
      expect((await get(shared)).status).toBe(200);
      now.mockReturnValue(new Date(at + 60_000));
      expect(refusal(await get(shared))).toEqual([403, 'file.link-expired']);
      expect(refusal(await get(`${shared}&x=1`))).toEqual([403, 'file.link-invalid']);
    });

    it('is checked before anything is looked up, and gone with its file', async () => {
      const mine = await given.ready(mia.id, randomBytes(10));
      const shared = await link(mine.id);
      const rows = jest.spyOn(plaza.app.get(Database), 'rows');
      expect((await get(`${shared}&x=1`)).status).toBe(403);
      expect(rows.mock.calls.filter(([, values]) => values?.includes(mine.id))).toEqual([]);
      await plaza.http.delete(`/api/files/${mine.id}`).set(mia.auth).expect(204);
      expect(refusal(await get(shared))).toEqual([410, 'file.deleted']);
      expect(refusal(await get(shared, { 'If-None-Match': `"${mine.sha256}"` }))).toEqual([410, 'file.deleted']);
    });
  });
});
