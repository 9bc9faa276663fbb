import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { ExportSweep } from '../../src/features/exports/export-sweep.service.js';
import { Clock } from '../../src/platform/clock/clock.js';
import { Config } from '../../src/platform/config/config.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { MemoryDataset } from '../support/exports-harness.js';

interface ExportBody {
  id: string;
  state: string;
  bytes: number;
  sha256: string;
}

interface Answer {
  status: number;
  headers: Headers;
  body: Buffer;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** What one character may be changed to: what is found in links, and what parsers treat in their own way. */
const CHARACTERS = [...'0123456789abcdefABCDEFxyz-_.~%&=+;,/?:@!$*|é '];

describe('the link to an export', () => {
  let plaza: TestApp;
  let mia: GivenMember;
  let done: ExportBody;
  let link: string;
  let whole: Buffer;

  const get = async (route: string, headers: Record<string, string> = {}, method = 'GET', { url } = plaza): Promise<Answer> => {
    const response = await fetch(`${url}${route}`, { method, headers, redirect: 'manual' });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  };
  const codeOf = ({ body }: Answer): unknown => (JSON.parse(body.toString()) as { code: unknown }).code;
  const download = (id: string, at = plaza) => get(`/api/exports/${id}/download`, mia.auth, 'GET', at);
  const linkTo = async (id: string, at = plaza): Promise<string> => (await download(id, at)).headers.get('location')!;
  const made = async (source = 'big'): Promise<ExportBody> => {
    const { body: ordered } = (await plaza.http.post('/api/exports').set(mia.auth).send({ source, format: 'csv' }).expect(202)) as { body: ExportBody };
    return eventually(async () => {
      const { body } = (await plaza.http.get(`/api/exports/${ordered.id}`).set(mia.auth).expect(200)) as { body: ExportBody };
      expect(body.state).toBe('succeeded');
      return body;
    }, 20_000);
  };
  const setExpiry = (id: string, minutes: number) =>
    plaza.app.get(Transactions).run((tx) => tx.write('UPDATE export SET expires_at = UTC_TIMESTAMP(3) + INTERVAL ? MINUTE WHERE id = ?', [minutes, id]));

  beforeAll(async () => {
    plaza = await createTestApp();
    mia = await plaza.given.member({ credits: 50 });
    plaza.app.get(Datasets).register(new MemoryDataset('big', Array.from({ length: 20_000 }, (_, number) => ({ number, text: 'x'.repeat(100), at: null }))));
    done = await made();
    link = await linkTo(done.id);
    whole = (await get(link)).body;
    expect(sha256(whole)).toBe(done.sha256);
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => plaza.close());

  it('opens nothing once any character of its id or its query is changed', async () => {
    const id = link.indexOf(done.id);
    const query = link.indexOf('?') + 1;
    const signed = [...Array.from(done.id, (_, n) => id + n), ...Array.from(link.slice(query), (_, n) => query + n)];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...signed), fc.constantFrom(...CHARACTERS), async (at, character) => {
        fc.pre(link[at] !== character);
        const answer = await get(link.slice(0, at) + character + link.slice(at + 1));
        // Some characters in the id leave the path of another route, or of none.
        if (at < query && '/?%'.includes(character)) expect([400, 401, 403, 404]).toContain(answer.status);
        else expect([answer.status, codeOf(answer)]).toEqual([403, 'export.link-invalid']);
      }),
      { numRuns: 500 },
    );
  });

  it('opens nothing when it is cut short, or its parts are swapped with another link', async () => {
    const other = await linkTo((await made('credits')).id);
    for (let length = link.indexOf('?'); length < link.length; length += 1) expect(codeOf(await get(link.slice(0, length)))).toBe('export.link-invalid');
    for (const part of ['expires', 'signature']) {
      const swapped = new URL(link, plaza.url);
      swapped.searchParams.set(part, part === 'expires' ? String(Number(swapped.searchParams.get(part)) + 1) : new URL(other, plaza.url).searchParams.get(part)!);
      expect(codeOf(await get(swapped.pathname + swapped.search))).toBe('export.link-invalid');
    }
    expect((await get(other)).status).toBe(200);
  });

  it('runs out after 15 minutes, and a new one can be had for as long as the file is kept', async () => {
    const now = jest.spyOn(plaza.app.get(Clock), 'now');
    const at = Math.floor(Date.now() / 1000) * 1000;
    now.mockReturnValue(new Date(at));
    const short = await linkTo(done.id);
    now.mockReturnValue(new Date(at + 14 * 60_000));
    expect((await get(short)).status).toBe(200);
    now.mockReturnValue(new Date(at + 15 * 60_000));
    const late = await get(short);
    expect([late.status, codeOf(late)]).toEqual([403, 'export.link-expired']);
    const again = await linkTo(done.id);
    expect(sha256((await get(again)).body)).toBe(done.sha256);
  });

  it('is 410 from the moment that the retention is over, before anything is swept', async () => {
    const kept = await made();
    await setExpiry(kept.id, 1);
    const last = await linkTo(kept.id);
    expect((await get(last)).status).toBe(200);
    await setExpiry(kept.id, 0);
    for (const answer of [await get(last), await get(last, { Range: 'bytes=0-1' }), await download(kept.id)]) expect([answer.status, codeOf(answer)]).toEqual([410, 'export.expired']);
    expect((await get(last, {}, 'HEAD')).status).toBe(410);
    await plaza.app.get(ExportSweep).expireDue();
    expect((await get(last)).status).toBe(410);
  });

  it('stays good while the secret it was signed with is kept beside a new one, and no longer', async () => {
    const { DATA_DIR, APP_SECRET } = plaza.app.get(Config);
    const renewed = 'another secret of the tests, longer than 32 bytes';
    const rotating = await createTestApp({ DATA_DIR, APP_SECRET: renewed, APP_SECRET_PREVIOUS: APP_SECRET });
    const rotated = await createTestApp({ DATA_DIR, APP_SECRET: renewed });
    try {
      expect(sha256((await get(link, {}, 'GET', rotating)).body)).toBe(done.sha256);
      const refused = await get(link, {}, 'GET', rotated);
      expect([refused.status, codeOf(refused)]).toEqual([403, 'export.link-invalid']);
      const fresh = await linkTo(done.id, rotating);
      expect(sha256((await get(fresh, {}, 'GET', rotated)).body)).toBe(done.sha256);
      // Both names of the new key, none of the old one's signature.
      const mixed = link.replace(/key=[^&]+/, /key=[^&]+/.exec(fresh)![0]);
      expect((await get(mixed, {}, 'GET', rotating)).status).toBe(403);
    } finally {
      await rotating.close();
      await rotated.close();
    }
  });

  describe('and its bytes', () => {
    it('come in any ranges, which put together are the file', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: done.bytes - 1 }), { maxLength: 8 }), async (inner) => {
          const cuts = [0, ...inner.sort((a, b) => a - b), done.bytes];
          const parts = await Promise.all(
            cuts.slice(1).map(async (end, n) => {
              const answer = await get(link, { Range: `bytes=${cuts[n]}-${end - 1}`, 'If-Range': `"${done.sha256}"` });
              expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes ${cuts[n]}-${end - 1}/${done.bytes}`]);
              return answer.body;
            }),
          );
          expect(sha256(Buffer.concat(parts))).toBe(done.sha256);
        }),
        { numRuns: 20 },
      );
    });

    it.each<[string, Record<string, string>, number, (bytes: number) => [number, number]]>([
      ['a range open to the end', { Range: 'bytes=100-' }, 206, (bytes) => [100, bytes]],
      ['a range that ends beyond the end', { Range: 'bytes=100-99999999999' }, 206, (bytes) => [100, bytes]],
      ['the last bytes', { Range: 'bytes=-5' }, 206, (bytes) => [bytes - 5, bytes]],
      ['more last bytes than there are', { Range: 'bytes=-99999999999' }, 206, (bytes) => [0, bytes]],
      ['one byte', { Range: 'bytes=0-0' }, 206, () => [0, 1]],
      ['several ranges, which is the whole', { Range: 'bytes=0-1,5-6' }, 200, (bytes) => [0, bytes]],
      ['a range the wrong way round, which is none', { Range: 'bytes=9-3' }, 200, (bytes) => [0, bytes]],
      ['another unit, which is none', { Range: 'rows=0-1' }, 200, (bytes) => [0, bytes]],
      ['a range of another version', { Range: 'bytes=0-1', 'If-Range': '"0000"' }, 200, (bytes) => [0, bytes]],
      ['a range of a weak match', { Range: 'bytes=0-1', 'If-Range': 'W/"{etag}"' }, 200, (bytes) => [0, bytes]],
      ['a range of a date', { Range: 'bytes=0-1', 'If-Range': 'Sat, 31 Jan 2026 12:00:00 GMT' }, 200, (bytes) => [0, bytes]],
      ['a range of this version', { Range: 'bytes=0-1', 'If-Range': '"{etag}"' }, 206, () => [0, 2]],
      ['a range after the end', { Range: 'bytes={bytes}-' }, 416, () => [0, 0]],
      ['the last zero bytes', { Range: 'bytes=-0' }, 416, () => [0, 0]],
    ])('%s', async (_, headers, status, part) => {
      const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('{etag}', done.sha256).replace('{bytes}', String(done.bytes))]));
      const answer = await get(link, filled);
      expect(answer.status).toBe(status);
      expect(answer.body.equals(whole.subarray(...part(done.bytes)))).toBe(true);
      if (status === 416) expect(answer.headers.get('content-range')).toBe(`bytes */${done.bytes}`);
      else expect(answer.headers.get('etag')).toBe(`"${done.sha256}"`);
      const head = await get(link, filled, 'HEAD');
      expect([head.status, head.headers.get('content-length'), head.body.length]).toEqual([200, String(done.bytes), 0]);
    });

    it('go on to their end when the file is removed under them', async () => {
      const kept = await made();
      const request = http.get(`${plaza.url}${await linkTo(kept.id)}`);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await plaza.http.delete(`/api/exports/${kept.id}`).set(mia.auth).expect(204);
      expect(await plaza.app.get(Storage).find(`exports/${kept.id}`)).toBeUndefined();
      expect(sha256(await buffer(response))).toBe(kept.sha256);
    });

    it('are 410, and no fault of ours, when the file goes between the look and the opening', async () => {
      const kept = await made();
      const path = await linkTo(kept.id);
      const storage = plaza.app.get(Storage);
      const find = storage.find.bind(storage);
      jest.spyOn(storage, 'find').mockImplementation(async (key) => {
        const found = await find(key);
        await storage.delete(key);
        return found;
      });
      const answer = await get(path);
      expect([answer.status, codeOf(answer)]).toEqual([410, 'export.expired']);
    });

    it('are whole or 410 to each of many who come while the file is removed', async () => {
      for (let round = 0; round < 5; round += 1) {
        const kept = await made('credits');
        const path = await linkTo(kept.id);
        const [answers] = await Promise.all([
          Promise.all(Array.from({ length: 20 }, () => get(path))),
          setExpiry(kept.id, 0).then(() => plaza.app.get(ExportSweep).expireDue()),
          plaza.http.delete(`/api/exports/${kept.id}`).set(mia.auth).expect(204),
        ]);
        for (const answer of answers) {
          expect([200, 410]).toContain(answer.status);
          if (answer.status === 200) expect(sha256(answer.body)).toBe(kept.sha256);
        }
      }
    });
  });
});
