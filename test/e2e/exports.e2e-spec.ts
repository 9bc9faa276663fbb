import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { io } from 'socket.io-client';
import { MemeImporter } from '../../src/features/memes/index.js';
import { Clock } from '../../src/platform/clock/clock.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { MemoryDataset } from '../support/exports-harness.js';

interface ExportBody {
  id: string;
  state: string;
  percent: number;
  bytes: number;
  sha256: string;
}

const HOSTILE = [`=cmd|' /C calc'!A0`, "'quoted", '-1', 'a,"b"\r\nc\n', '\u202Eשלום😀', ' x ', '\t', 'null', '\0'];
let plaza: TestApp;

const order = (member: GivenMember, body: object, headers: Record<string, string> = {}) =>
  plaza.http.post('/api/exports').set({ ...member.auth, ...headers }).send(body);

async function finished(member: GivenMember, id: string): Promise<ExportBody> {
  return eventually(async () => {
    const { body } = (await plaza.http.get(`/api/exports/${id}`).set(member.auth).expect(200)) as { body: ExportBody };
    expect(body.state).not.toMatch(/queued|running/);
    return body;
  }, 20_000);
}

async function made(member: GivenMember, body: object): Promise<ExportBody> {
  const { body: ordered } = (await order(member, body).expect(202)) as { body: ExportBody };
  const done = await finished(member, ordered.id);
  expect(done).toMatchObject({ state: 'succeeded', percent: 100 });
  return done;
}

async function linkTo(member: GivenMember, id: string): Promise<string> {
  const { headers } = await plaza.http.get(`/api/exports/${id}/download`).set(member.auth).redirects(0).expect(302);
  return headers['location'] as string;
}

const bytesOf = (path: string, headers: Record<string, string> = {}) =>
  plaza.http.get(path).set(headers).buffer(true).parse((response, done) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => done(null, Buffer.concat(chunks)));
  });

const available = async (member: GivenMember): Promise<number> =>
  ((await plaza.http.get('/api/credits').set(member.auth).expect(200)) as { body: { available: number } }).body.available;

describe('exports over HTTP', () => {
  let mia: GivenMember;
  let noah: GivenMember;
  let big: MemoryDataset;

  beforeAll(async () => {
    plaza = await createTestApp();
    mia = await plaza.given.member({ credits: 50 });
    noah = await plaza.given.member();
    await plaza.app.get(MemeImporter).importSample();
    const datasets = plaza.app.get(Datasets);
    datasets.register(new MemoryDataset('hostile', HOSTILE.map((text, number) => ({ number, text, at: null }))));
    big = new MemoryDataset('big', Array.from({ length: 60_000 }, (_, number) => ({ number, text: 'x'.repeat(100), at: null })));
    datasets.register(big);
  });
  afterAll(() => plaza.close());

  it('wants a sign-in everywhere but at the end of a signed link', async () => {
    for (const path of ['', '/sources', `/${mia.id}`, `/${mia.id}/download`]) await plaza.http.get(`/api/exports${path}`).expect(401);
    await plaza.http.post('/api/exports').send({}).expect(401);
    await plaza.http.post(`/api/exports/${mia.id}/cancel`).expect(401);
    await plaza.http.delete(`/api/exports/${mia.id}`).expect(401);
    expect((await plaza.http.get(`/api/exports/${mia.id}/file`).expect(403)).body).toMatchObject({ code: 'export.link-invalid' });
  });

  it('lists the sources with columns and filters', async () => {
    const { body } = await plaza.http.get('/api/exports/sources').set(mia.auth).expect(200);
    const memes = (body as { name: string }[]).find(({ name }) => name === 'memes');
    expect(memes).toMatchObject({ columns: expect.arrayContaining([{ name: 'caption', type: 'string' }]), filters: expect.arrayContaining([expect.objectContaining({ name: 'template' })]) });
    expect((body as { name: string }[]).map(({ name }) => name)).toContain('credits');
  });

  it('sells a file for one credit, from order to download', async () => {
    const ordered = await order(noah, { source: 'memes', format: 'csv', columns: ['id', 'template', 'caption'] }).expect(202);
    const { id } = ordered.body as ExportBody;
    expect(ordered.headers['location']).toBe(`/api/exports/${id}`);
    const done = await finished(noah, id);
    expect(done).toMatchObject({ state: 'succeeded', source: 'memes', format: 'csv', compression: 'none', percent: 100, attempt: 1, errorCode: null });
    expect(await available(noah)).toBe(4);
    const { body, headers } = await bytesOf(await linkTo(noah, id)).expect(200);
    expect(createHash('sha256').update(body as Buffer).digest('hex')).toBe(done.sha256);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8', etag: `"${done.sha256}"`, 'content-length': String(done.bytes), 'accept-ranges': 'bytes',
      'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringMatching(/^attachment; filename="memes-\d{4}-\d\d-\d\d\.csv"; filename\*=UTF-8''memes-/),
    });
    const records = parse<object>(body as Buffer, { columns: true });
    expect(records.length).toBeGreaterThan(10);
    expect(Object.keys(records[0]!)).toEqual(['id', 'template', 'caption']);
    const list = await plaza.http.get('/api/exports').set(noah.auth).expect(200);
    expect(list.body).toMatchObject({ items: [{ id }], nextCursor: null });
  });

  it('shows nobody a generated meme who is not entitled to them, nor that there are any', async () => {
    const transactions = plaza.app.get(Transactions);
    const canary = newId();
    await transactions.run((tx) =>
      tx.write(
        `INSERT INTO meme (id, template, caption, \`upper\`, \`lower\`, image_url, tags, rating, kind, status, likes, created_at)
         VALUES (?, 'canary', 'canary', '', '', '', '', 'unrated', 'ai', 'visible', 0, UTC_TIMESTAMP(3))`,
        [canary],
      ),
    );
    for (const filters of [{}, { query: 'canary' }, { kind: 'normal' }]) {
      const { id } = await made(mia, { source: 'memes', format: 'ndjson', filters });
      expect(((await bytesOf(await linkTo(mia, id)).expect(200)).body as Buffer).toString()).not.toContain('canary');
    }
    const { body: sources } = await plaza.http.get('/api/exports/sources').set(mia.auth).expect(200);
    expect((sources as { name: string }[]).find(({ name }) => name === 'memes')).toMatchObject({ filters: expect.arrayContaining([expect.objectContaining({ name: 'kind', values: ['normal'] })]) });
    await transactions.run((tx) => tx.write('DELETE FROM meme WHERE id = ?', [canary]));
  });

  it('brings hostile cells through, as they were once the guard is undone', async () => {
    const { id } = await made(mia, { source: 'hostile', format: 'csv', bom: true });
    const { body } = await bytesOf(await linkTo(mia, id)).expect(200);
    const texts = parse<{ text: string }>(body as Buffer, { columns: true, bom: true, record_delimiter: '\r\n' }).map(({ text }) => text.replace(/^'(?=[=+\-@'\t\r])/, ''));
    expect(texts).toEqual(HOSTILE);
  });

  it('does not squeeze a file again for a browser that would take it: the ETag counts the stored bytes', async () => {
    const { id, bytes } = await made(mia, { source: 'big', format: 'csv', columns: ['number'] });
    const { headers } = await bytesOf(await linkTo(mia, id), { 'Accept-Encoding': 'gzip, br' }).expect(200);
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['content-length']).toBe(String(bytes));
    const packed = await made(mia, { source: 'big', format: 'ndjson', columns: ['number'], compression: 'gzip' });
    expect((await bytesOf(await linkTo(mia, packed.id))).headers['content-type']).toBe('application/gzip');
  });

  it('charges twins of one Idempotency-Key, and of one order, once', async () => {
    const before = await available(mia);
    const body = { source: 'memes', format: 'ndjson', filters: { query: 'twin' } };
    const key = { 'Idempotency-Key': `k-${before}` };
    const answers = await Promise.all(Array.from({ length: 6 }, () => order(mia, body, key)));
    expect(new Set(answers.map(({ body: { id } }: { body: ExportBody }) => id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    await finished(mia, (answers[0]!.body as ExportBody).id);
    await order(mia, body, key).expect(202);
    await order(mia, { ...body, format: 'csv' }, key).expect(422);
    expect(await available(mia)).toBe(before - 1);
  });

  it.each([
    [{ source: 'memes' }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', colums: [] }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', columns: 'id' }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', columns: ['id', 'id'] }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', filters: ['x'] }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', filters: { kind: 7 } }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', guard: 'yes' }, 400, 'request.invalid'],
    ...['compression', 'filters', 'columns', 'guard', 'bom'].map((field): [object, number, string] => [{ source: 'memes', format: 'csv', [field]: null }, 400, 'request.invalid']),
    [{ source: '', format: 'csv' }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', columns: [null] }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', filters: { query: null } }, 400, 'request.invalid'],
    [{ source: 'memes', format: 'csv', filters: { kind: 'ai' } }, 400, 'request.invalid'],
    [{ source: 'nothing', format: 'csv' }, 422, 'export.unknown-source'],
    [{ source: '__proto__', format: 'csv' }, 422, 'export.unknown-source'],
    [{ source: 'memes', format: 'pdf' }, 422, 'export.unknown-format'],
    [{ source: 'memes', format: 'csv', compression: 'rar' }, 422, 'export.unknown-format'],
    [{ source: 'memes', format: 'csv', columns: ['secret'] }, 422, 'export.unknown-column'],
    [{ source: 'memes', format: 'csv', filters: { owner: 'x' } }, 422, 'export.unknown-filter'],
  ])('refuses %j with %i %s, and charges nothing', async (body, status, code) => {
    const before = await available(mia);
    expect((await order(mia, body).expect(status)).body).toMatchObject({ code, status });
    expect(await available(mia)).toBe(before);
  });

  it('refuses a source that the caller may not read', async () => {
    plaza.app.get(Datasets).register(new MemoryDataset('private', [], false));
    expect((await order(mia, { source: 'private', format: 'csv' }).expect(403)).body).toMatchObject({ code: 'export.source-forbidden' });
  });

  it('sells nothing on credit', async () => {
    const poor = await plaza.given.member({ credits: 0 });
    const { body } = await order(poor, { source: 'memes', format: 'csv' }).expect(402);
    expect(body).toMatchObject({ code: 'credits.insufficient', available: 0, required: 1 });
  });

  it('knows nothing of other members\' exports, nor of ids that are none', async () => {
    const { id } = await made(mia, { source: 'credits', format: 'csv' });
    for (const other of [id, 'nonsense', `${id}0`, '..%2f..']) {
      for (const path of [`/${other}`, `/${other}/download`]) expect((await plaza.http.get(`/api/exports${path}`).set(noah.auth).expect(404)).body).toMatchObject({ code: 'not-found' });
      await plaza.http.post(`/api/exports/${other}/cancel`).set(noah.auth).expect(404);
      await plaza.http.delete(`/api/exports/${other}`).set(noah.auth).expect(404);
    }
    await plaza.http.post(`/api/exports/${id}/cancel`).set(mia.auth).expect(200);
    await plaza.http.get(`/api/exports/${id}/download`).set(mia.auth).redirects(0).expect(302);
  });

  it('removes a file early: 204 twice, then the file is gone', async () => {
    const { id } = await made(mia, { source: 'credits', format: 'ndjson' });
    const link = await linkTo(mia, id);
    await plaza.http.delete(`/api/exports/${id}`).set(mia.auth).expect(204);
    await plaza.http.delete(`/api/exports/${id}`).set(mia.auth).expect(204);
    expect((await plaza.http.get(link).expect(410)).body).toMatchObject({ code: 'export.expired' });
    expect((await plaza.http.get(`/api/exports/${id}/download`).set(mia.auth).expect(410)).body).toMatchObject({ code: 'export.expired' });
    expect((await plaza.http.get(`/api/exports/${id}`).set(mia.auth).expect(200)).body).toMatchObject({ state: 'expired', percent: 100 });
  });

  it('tells the member\'s sockets, and only theirs', async () => {
    const seen = { mia: [] as ExportBody[], noah: [] as ExportBody[] };
    const sockets = await Promise.all(
      (['mia', 'noah'] as const).map(async (name) => {
        const socket = io(plaza.url, { auth: { token: { mia, noah }[name].accessToken }, transports: ['websocket'] });
        socket.on('export.updated', (update: ExportBody) => seen[name].push(update));
        await once(socket as never, 'connect');
        return socket;
      }),
    );
    const { id } = await made(mia, { source: 'big', format: 'csv', columns: ['number', 'text'] });
    await eventually(() => expect(seen.mia.at(-1)?.state).toBe('succeeded'));
    for (const socket of sockets) socket.disconnect();
    expect(seen.mia.map((update) => update.id)).toEqual(seen.mia.map(() => id));
    expect(seen.mia[0]).toMatchObject({ state: 'running' });
    expect(seen.mia.at(-1)).toMatchObject({ state: 'succeeded', percent: 100 });
    expect(seen.noah).toEqual([]);
  });

  describe('a download', () => {
    let done: ExportBody;
    let link: string;
    let whole: Buffer;

    beforeAll(async () => {
      done = await made(mia, { source: 'big', format: 'csv' });
      link = await linkTo(mia, done.id);
      whole = (await bytesOf(link).expect(200)).body as Buffer;
    });

    it('can be put together from ranges, whatever their cuts', async () => {
      const cuts = [0, 1, 2, 1_000, 65_535, 65_536, 200_001, done.bytes - 1, done.bytes];
      const parts: Buffer[] = [];
      for (let n = 1; n < cuts.length; n += 1) {
        const { body, headers } = await bytesOf(link, { Range: `bytes=${cuts[n - 1]}-${cuts[n]! - 1}`, 'If-Range': `"${done.sha256}"` }).expect(206);
        expect(headers['content-range']).toBe(`bytes ${cuts[n - 1]}-${cuts[n]! - 1}/${done.bytes}`);
        parts.push(body as Buffer);
      }
      expect(createHash('sha256').update(Buffer.concat(parts)).digest('hex')).toBe(done.sha256);
      expect(whole.length).toBe(done.bytes);
      expect((await bytesOf(link, { Range: 'bytes=-7' }).expect(206)).body).toEqual(whole.subarray(-7));
    });

    it('answers HEAD, stale and impossible ranges, and validators, without opening the file for nothing', async () => {
      const read = jest.spyOn(plaza.app.get(Storage), 'read');
      const head = await plaza.http.head(link).expect(200);
      expect(head.headers).toMatchObject({ 'content-length': String(done.bytes), etag: `"${done.sha256}"` });
      const beyond = await plaza.http.get(link).set('Range', `bytes=${done.bytes}-`).expect(416);
      expect(beyond.headers['content-range']).toBe(`bytes */${done.bytes}`);
      await plaza.http.get(link).set('If-None-Match', `"${done.sha256}"`).expect(304);
      expect(read).not.toHaveBeenCalled();
      await bytesOf(link, { Range: 'bytes=0-1', 'If-Range': '"other"' }).expect(200);
      await bytesOf(link, { Range: 'bytes=0-1,4-5' }).expect(200);
      read.mockRestore();
    });

    it('closes the file when the client goes away in the middle', async () => {
      const storage = plaza.app.get(Storage);
      const streams: Readable[] = [];
      const read = jest.spyOn(storage, 'read').mockImplementation((...parameters) => {
        const stream = Object.getPrototypeOf(storage).read.apply(storage, parameters) as Readable;
        streams.push(stream);
        return stream;
      });
      const request = http.get(`${plaza.url}${link}`);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      await once(response, 'data');
      request.destroy();
      const closed = streams[0]!;
      if (!closed.closed) await once(closed, 'close');
      expect(closed.destroyed).toBe(true);
      read.mockRestore();
    });

    it('is refused to a token of the same member that may not read the source', async () => {
      const { body: token } = await plaza.http.post('/api/api-tokens').set(mia.auth).send({ name: 'orders only', permissions: ['exports.order'] }).expect(201);
      const { id } = await made(mia, { source: 'credits', format: 'csv' });
      await plaza.http.get(`/api/exports/${id}/download`).set(mia.auth).redirects(0).expect(302);
      const { body } = await plaza.http.get(`/api/exports/${id}/download`).set('X-Token', token.secret).expect(403);
      expect(body.code).toBe('export.source-forbidden');
    });

    it('is refused to a token that would not be shown all of it, though its owner was', async () => {
      const [iris, admin] = [await plaza.given.member({ credits: 5 }), await plaza.given.member({ role: 'admin' })];
      const entitlement = `/api/members/${iris.id}/entitlements/memes.ai`;
      // Rights that have changed want a new access token.
      const signedIn = async (): Promise<GivenMember> => {
        const { body } = (await plaza.http.post('/api/sessions').send({ email: iris.email, password: iris.password }).expect(201)) as { body: GivenMember };
        return { ...iris, auth: { Authorization: `Bearer ${body.accessToken}` } };
      };
      await plaza.http.put(entitlement).set(admin.auth).send({ until: '2099-01-01T00:00:00Z' }).expect(200);
      const subscriber = await signedIn();
      const tokenWith = async (...permissions: string[]) =>
        ((await plaza.http.post('/api/api-tokens').set(subscriber.auth).send({ name: permissions.join(), permissions }).expect(201)) as { body: { secret: string } }).body.secret;
      const [narrow, wide] = [await tokenWith('exports.order', 'memes.read'), await tokenWith('exports.order', 'memes.read', 'memes.ai')];
      const all = await made(subscriber, { source: 'memes', format: 'csv' });
      const normal = await made(subscriber, { source: 'memes', format: 'csv', filters: { kind: 'normal' } });
      const download = (id: string, secret: string) => plaza.http.get(`/api/exports/${id}/download`).set('X-Token', secret).redirects(0);
      expect((await download(all.id, narrow).expect(403)).body).toMatchObject({ code: 'export.source-forbidden' });
      await download(normal.id, narrow).expect(302);
      await download(all.id, wide).expect(302);
      for (const end of [plaza.http.post(`/api/exports/${all.id}/cancel`), plaza.http.delete(`/api/exports/${all.id}`)]) {
        expect((await end.set('X-Token', narrow).expect(403)).body.code).toBe('export.source-forbidden');
      }
      await plaza.http.delete(`/api/exports/${normal.id}`).set('X-Token', narrow).expect(204);
      await plaza.http.delete(entitlement).set(admin.auth).expect(204);
      await download(all.id, wide).expect(403);
      // A person keeps what they paid for.
      await linkTo(await signedIn(), all.id);
    });

    it('is refused when the link was altered, and told apart from one that ran out', async () => {
      const altered = [
        link.replace(/signature=./, (text) => `signature=${text.endsWith('0') ? '1' : '0'}`),
        link.replace(/expires=\d/, 'expires=9'),
        link.replace(done.id, mia.id),
        link.replace('signature=', 'signatur='),
        `${link}&signature=1`,
        `${link}&x=1`,
      ];
      for (const path of altered) expect((await plaza.http.get(path).expect(403)).body).toMatchObject({ code: 'export.link-invalid' });
      const clock = plaza.app.get(Clock);
      const now = jest.spyOn(clock, 'now').mockReturnValue(new Date(Date.now() + 16 * 60_000));
      expect((await plaza.http.get(link).expect(403)).body).toMatchObject({ code: 'export.link-expired' });
      expect((await plaza.http.get(altered[0]!).expect(403)).body).toMatchObject({ code: 'export.link-invalid' });
      now.mockRestore();
    });
  });
});

describe('exports that nobody works on', () => {
  beforeAll(async () => {
    plaza = await createTestApp({ EXPORT_WORKERS: '0', RATE_LIMIT_SCALE: '1' });
  });
  afterAll(() => plaza.close());

  it('wait: not ready for download, not to be removed, the same order is the same export, three at most', async () => {
    const mia = await plaza.given.member({ credits: 10 });
    const first = await order(mia, { source: 'memes', format: 'csv', filters: {} }).expect(202);
    const { id } = first.body as ExportBody;
    expect((await order(mia, { format: 'csv', source: 'memes', compression: 'none' }).expect(200)).body).toMatchObject({ id, state: 'queued' });
    expect((await plaza.http.get(`/api/exports/${id}/download`).set(mia.auth).expect(409)).body).toMatchObject({ code: 'export.not-ready', state: 'queued' });
    expect((await plaza.http.delete(`/api/exports/${id}`).set(mia.auth).expect(409)).body).toMatchObject({ code: 'export.not-ready' });
    await order(mia, { source: 'memes', format: 'ndjson' }).expect(202);
    await order(mia, { source: 'credits', format: 'csv' }).expect(202);
    const { body } = await order(mia, { source: 'credits', format: 'ndjson' }).expect(429);
    expect(body).toMatchObject({ code: 'export.quota' });
    expect(Date.parse((body as { retryAt: string }).retryAt)).toBeGreaterThan(Date.now());
    expect(await available(mia)).toBe(7);
    expect((await plaza.http.post(`/api/exports/${id}/cancel`).set(mia.auth).expect(200)).body).toMatchObject({ id, state: 'cancelled' });
    expect(await available(mia)).toBe(8);
    await order(mia, { source: 'credits', format: 'ndjson' }).expect(202);
  });
});
