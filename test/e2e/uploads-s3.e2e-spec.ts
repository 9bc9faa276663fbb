import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { incomingKeyOf } from '../../src/features/uploads/uploads.rules.js';
import { createTestApp, type GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { startS3Server, type S3Server } from '../support/s3-server.js';
import { doorsOf, type UploadAnswer } from '../support/uploads-doors.js';
import { sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';
import { pngOf } from '../support/uploads-pictures.js';

const MIB = 1024 * 1024;
const TEXT = Buffer.from('a quiet corner desk\n');
/** Several parts of an upload to S3, the last of them not full. */
const LARGE = randomBytes(17 * MIB);

let server: S3Server;
let plaza: UploadsHarness;
let member: GivenMember;
let doors: ReturnType<typeof doorsOf>;

beforeAll(async () => {
  server = await startS3Server();
  plaza = await openUploads(server.environment);
});
beforeEach(async () => {
  member = await plaza.given.member();
  doors = doorsOf(plaza, member);
});
afterAll(async () => {
  await plaza.close();
  await server.stop();
});

const refusal = ({ status, body }: UploadAnswer) => [status, body.code];

/** The bytes of a file as a client gets them. */
async function content(id: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${plaza.url}/api/files/${id}/content`, { headers: { ...member.auth, ...headers } });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('files in S3', () => {
  it.each([['few bytes', TEXT, 'text/plain'], ['many', LARGE, 'application/octet-stream']])('are taken, checked, served and removed: %s', async (_, bytes, mime) => {
    const { status, body } = await doors.raw(bytes);
    expect([status, body]).toEqual([201, expect.objectContaining({ size: bytes.length, sha256: sha256Of(bytes), mime })]);
    expect(await plaza.until(body.id, 20_000)).toMatchObject({ state: 'ready' });
    const whole = await content(body.id);
    expect([whole.status, whole.headers.get('etag'), whole.bytes.equals(bytes)]).toEqual([200, `"${sha256Of(bytes)}"`, true]);
    const part = await content(body.id, { Range: `bytes=3-${bytes.length - 2}` });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 3-${bytes.length - 2}/${bytes.length}`]);
    expect(part.bytes.equals(bytes.subarray(3, -1))).toBe(true);
    expect(await plaza.resting()).toEqual([]);
    await plaza.http.delete(`/api/files/${body.id}`).set(member.auth).expect(204);
    expect(await plaza.resting()).toEqual([]);
    expect(await plaza.objects()).toEqual([]);
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 0 });
  });

  it('are pictures with smaller ones, too', async () => {
    const { body } = await doors.raw(pngOf(600, 400), { query: '?name=a.png&purpose=avatar' });
    const record = await plaza.until(body.id, 20_000);
    expect(record).toMatchObject({ state: 'ready', width: 600, height: 400 });
    expect(record.variants.map(({ kind }) => kind)).toContain('thumb');
    expect(await plaza.resting()).toEqual([]);
    await plaza.remove(body.id);
    expect(await plaza.resting()).toEqual([]);
    expect(await plaza.objects()).toEqual([]);
  });

  it('leave nothing when their sender is gone in the middle', async () => {
    const before = await plaza.objects();
    const request = http.request(`${plaza.url}/api/files/raw?name=a.bin`, { method: 'PUT', headers: { ...member.auth, 'Content-Length': 2 * LARGE.length } });
    request.on('error', () => undefined);
    request.write(LARGE);
    // A part of it is in the storage by then.
    await eventually(async () => expect(await plaza.objects()).toContainEqual(expect.stringMatching(/\/body\..+\.part$/)));
    request.destroy();
    await eventually(async () => expect(await plaza.objects()).toEqual(before));
    await eventually(async () => expect(await doors.files()).toEqual([]));
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
  });

  it('are exports, too', async () => {
    const { body: ordered } = (await plaza.http.post('/api/exports').set(member.auth).send({ source: 'credits', format: 'csv' }).expect(202)) as { body: { id: string } };
    const done = await eventually(async () => {
      const { body } = (await plaza.http.get(`/api/exports/${ordered.id}`).set(member.auth).expect(200)) as { body: { state: string; bytes: number; sha256: string } };
      expect(body.state).toBe('succeeded');
      return body;
    }, 20_000);
    const { headers } = await plaza.http.get(`/api/exports/${ordered.id}/download`).set(member.auth).redirects(0).expect(302);
    const { text } = await plaza.http.get(headers['location'] as string).expect(200);
    expect([text.length, sha256Of(Buffer.from(text))]).toEqual([done.bytes, done.sha256]);
    const { text: part } = await plaza.http.get(headers['location'] as string).set('Range', 'bytes=2-5').expect(206);
    expect(part).toBe(text.slice(2, 6));
  });
});

interface Presigned {
  id: string;
  state: string;
  url: string;
  method: string;
  headers: Record<string, string>;
  expiresAt: string;
}

const announce = (body: object, query = '') => doors.send('POST', `/api/files/presign${query}`, JSON.stringify(body), { 'Content-Type': 'application/json' });
async function presign(bytes: Buffer, more: object = {}, query = ''): Promise<Presigned> {
  const { status, body } = await announce({ name: 'a.txt', size: bytes.length, ...more }, query);
  expect(status).toBe(201);
  return body as unknown as Presigned;
}
const complete = (id: string, headers: Record<string, string> = {}) => doors.send('POST', `/api/files/${id}/complete`, undefined, headers);

/** As a client does it that knows nothing but the answer. */
async function put({ url, method, headers }: Presigned, bytes: Buffer): Promise<number> {
  const { 'content-length': _, ...others } = headers;
  return (await fetch(url, { method, headers: others, body: new Uint8Array(bytes) })).status;
}

describe('a presigned upload', () => {
  it('goes past Plaza, and is a file like any other', async () => {
    const before = Date.now();
    const presigned = await presign(LARGE, { name: 'large.bin' });
    expect(presigned).toEqual({
      id: expect.any(String), name: 'large.bin', state: 'receiving', purpose: 'generic', size: LARGE.length, mime: null, sha256: null, variants: [], createdAt: expect.any(String),
      url: expect.stringContaining(`/uploads/${presigned.id}/incoming?`), method: 'PUT', headers: { 'content-length': String(LARGE.length) }, expiresAt: expect.any(String),
    });
    expect(Date.parse(presigned.expiresAt) - before).toBeGreaterThanOrEqual(15 * 60_000 - 1_000);
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: LARGE.length });
    expect(await put(presigned, LARGE)).toBe(200);
    const { status, body } = await complete(presigned.id);
    expect([status, body]).toEqual([201, expect.objectContaining({ id: presigned.id, state: 'processing', size: LARGE.length, sha256: sha256Of(LARGE), mime: 'application/octet-stream' })]);
    expect(await plaza.until(body.id, 20_000)).toMatchObject({ state: 'ready', door: 'presigned' });
    expect((await content(body.id)).bytes.equals(LARGE)).toBe(true);
    expect(await plaza.quota(member)).toMatchObject({ used: LARGE.length, reserved: 0, unfinished: 0 });
    expect(await plaza.resting()).toEqual([]);
    await plaza.remove(body.id);
    await plaza.sweep();
    expect((await plaza.objects()).filter((key) => key.includes(body.id))).toEqual([]);
  });

  it('is completed once, and says so as often as it is asked', async () => {
    const presigned = await presign(TEXT);
    await put(presigned, TEXT);
    const first = await complete(presigned.id);
    expect(await complete(presigned.id)).toMatchObject({ status: 201, body: { id: first.body.id, sha256: sha256Of(TEXT) } });
    await plaza.until(first.body.id);
    expect(await complete(presigned.id)).toMatchObject({ status: 201, body: { state: 'ready' } });
  });

  it('takes the type that its bytes show, and refuses what is not for its purpose', async () => {
    const file = await presign(TEXT, { name: 'me.png' }, '?purpose=avatar');
    await put(file, TEXT);
    expect(refusal(await complete(file.id))).toEqual([422, 'file.type-not-allowed']);
    await expectNothing(file.id);
  });

  it('is refused by the storage when it has another length, or comes late or elsewhere', async () => {
    const presigned = await presign(TEXT);
    expect(await put(presigned, Buffer.concat([TEXT, TEXT]))).toBe(403);
    expect(await put(presigned, TEXT.subarray(1))).toBe(403);
    expect(await put({ ...presigned, url: presigned.url.replace('X-Amz-Expires=900', 'X-Amz-Expires=9000') }, TEXT)).toBe(403);
    expect(await put({ ...presigned, url: presigned.url.replace('incoming', 'body') }, TEXT)).toBe(403);
    expect(refusal(await complete(presigned.id))).toEqual([409, 'file.not-uploaded']);
    expect(await put(presigned, TEXT)).toBe(200);
    expect(await complete(presigned.id)).toMatchObject({ status: 201 });
  });

  it('is not taken with another length even where the storage let it in', async () => {
    const file = await presign(TEXT);
    await plaza.storage.write(incomingKeyOf(file.id), Readable.from([TEXT, TEXT]));
    const { status, body } = await complete(file.id);
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'file.size-mismatch', expected: TEXT.length, received: 2 * TEXT.length })]);
    await expectNothing(file.id);
  });

  it('is bound to its sha256 where that was announced', async () => {
    const other = Buffer.from(TEXT).reverse();
    const presigned = await presign(TEXT, { sha256: sha256Of(TEXT) });
    const checksum = createHash('sha256').update(TEXT).digest('base64');
    expect(presigned.headers).toEqual({ 'content-length': String(TEXT.length), 'x-amz-checksum-sha256': checksum });
    expect(await put({ ...presigned, headers: { 'x-amz-checksum-sha256': createHash('sha256').update(other).digest('base64') } }, other)).toBe(403);
    // This storage does not compare the bytes with their checksum, as S3 would: Plaza does.
    expect(await put(presigned, other)).toBe(200);
    expect(refusal(await complete(presigned.id))).toEqual([400, 'digest.mismatch']);
    await expectNothing(presigned.id);
    const right = await presign(TEXT, { sha256: sha256Of(TEXT) });
    expect(await put(right, TEXT)).toBe(200);
    expect(await complete(right.id)).toMatchObject({ status: 201 });
  });

  it('cannot be replaced after it was completed, though its URL is still good', async () => {
    const presigned = await presign(TEXT);
    await put(presigned, TEXT);
    const { body } = await complete(presigned.id);
    const other = Buffer.from(TEXT).reverse();
    expect(await put(presigned, other)).toBe(200);
    expect(await complete(presigned.id)).toMatchObject({ status: 201, body: { sha256: sha256Of(TEXT) } });
    await plaza.until(body.id);
    await eventually(async () => expect(await plaza.storage.find(incomingKeyOf(body.id))).toBeUndefined());
    expect(await put(presigned, other)).toBe(200);
    expect((await content(body.id)).bytes.equals(TEXT)).toBe(true);
    await plaza.sweep();
    expect(await plaza.storage.find(incomingKeyOf(body.id))).toBeUndefined();
    expect((await content(body.id)).bytes.equals(TEXT)).toBe(true);
  });

  it('cannot be replaced while it is completed, by completing it again either', async () => {
    const presigned = await presign(TEXT);
    const { id } = presigned;
    await put(presigned, TEXT);
    // Between the copy and the reading of it.
    const read = plaza.storage.read.bind(plaza.storage);
    let go!: () => void;
    const reached = new Promise<void>((copied) => {
      const gate = new Promise<void>((resolve) => (go = resolve));
      jest.spyOn(plaza.storage, 'read').mockImplementationOnce((key) => {
        copied();
        return (async function* () {
          await gate;
          yield* read(key);
        })() as unknown as ReturnType<typeof read>;
      });
    });
    try {
      const first = complete(id);
      await reached;
      const other = Buffer.from(TEXT).reverse();
      expect(await put(presigned, other)).toBe(200);
      const second = await complete(id);
      expect([...refusal(second), second.headers.get('retry-after')]).toEqual([503, 'server.busy', '5']);
      // Killed here it would not be waited for as long as for its bytes.
      expect((await plaza.find(id)).expiresAt!.getTime() - Date.now()).toBeLessThan(3 * 60_000);
      go();
      expect(await first).toMatchObject({ status: 201, body: { sha256: sha256Of(TEXT) } });
      await plaza.until(id);
      expect((await content(id)).bytes.equals(TEXT)).toBe(true);
    } finally {
      go();
      jest.restoreAllMocks();
    }
  });

  it('is one file when twenty requests complete it at once', async () => {
    const presigned = await presign(TEXT);
    await put(presigned, TEXT);
    const answers = await Promise.all(Array.from({ length: 20 }, () => complete(presigned.id)));
    const taken = answers.filter(({ status }) => status === 201);
    expect(taken.length).toBeGreaterThan(0);
    for (const { body } of taken) expect(body).toMatchObject({ id: presigned.id, sha256: sha256Of(TEXT) });
    expect([...new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))].filter((code) => code !== 'server.busy')).toEqual([]);
    await plaza.until(presigned.id);
    expect(await plaza.violations()).toEqual([]);
  });

  it('is nobody else\'s to complete', async () => {
    const presigned = await presign(TEXT);
    await put(presigned, TEXT);
    const other = await plaza.given.member();
    expect(refusal(await complete(presigned.id, other.auth))).toEqual([404, 'not-found']);
    expect((await plaza.find(presigned.id)).state).toBe('receiving');
  });

  it('completes no file that comes through another door', async () => {
    const upload = await plaza.http.post('/api/files/tus').set({ ...member.auth, 'Tus-Resumable': '1.0.0', 'Upload-Length': '5' }).expect(201);
    const id = (upload.headers['location'] as string).split('/').at(-1)!;
    expect(refusal(await complete(id))).toEqual([404, 'not-found']);
  });

  it('ends when its file is deleted or its time is over', async () => {
    const deleted = await presign(TEXT);
    await put(deleted, TEXT);
    await plaza.http.delete(`/api/files/${deleted.id}`).set(member.auth).expect(204);
    expect(refusal(await complete(deleted.id))).toEqual([410, 'file.deleted']);
    const late = await presign(TEXT);
    await put(late, TEXT);
    await plaza.transactions.run((tx) => tx.write('UPDATE file SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [late.id]));
    expect(refusal(await complete(late.id))).toEqual([410, 'file.expired']);
    await plaza.sweep();
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    expect((await plaza.objects()).filter((key) => key.includes(deleted.id) || key.includes(late.id))).toEqual([]);
  });

  it('keeps nothing when the storage fails while it is completed', async () => {
    const presigned = await presign(TEXT);
    await put(presigned, TEXT);
    jest.spyOn(plaza.storage.direct!, 'copy').mockRejectedValueOnce(new Error('the copy failed'));
    try {
      expect(refusal(await complete(presigned.id))).toEqual([500, 'internal']);
    } finally {
      jest.restoreAllMocks();
    }
    await expectNothing(presigned.id);
  });

  it.each([
    ['no name', { size: 5 }, 400, 'request.invalid'],
    ['a name with a slash', { name: '../a', size: 5 }, 400, 'request.invalid'],
    ['no size', { name: 'a' }, 400, 'request.invalid'],
    ['half a byte', { name: 'a', size: 0.5 }, 400, 'request.invalid'],
    ['a hash that is none', { name: 'a', size: 5, sha256: 'x' }, 400, 'request.invalid'],
    ['another field', { name: 'a', size: 5, key: 'uploads/x' }, 400, 'request.invalid'],
    ['no bytes', { name: 'a', size: 0 }, 422, 'file.empty'],
    ['one byte more than S3 takes at once', { name: 'a', size: 5 * 1024 * MIB + 1 }, 413, 'file.too-large'],
    ['more than the quota, together with what is under way', { name: 'a', size: 5 * 1024 * MIB }, 507, 'file.quota'],
  ])('is not begun with %s', async (_, body, status, code) => {
    await presign(TEXT);
    expect(refusal(await announce(body))).toEqual([status, code]);
    expect(await plaza.quota(member)).toMatchObject({ reserved: TEXT.length, unfinished: 1 });
  });

  it('is not to be had where files are kept on a disk', async () => {
    const disk = await createTestApp();
    try {
      const { auth } = await disk.given.member();
      const { body } = await disk.http.post('/api/files/presign').set(auth).send({ name: 'a', size: 5 }).expect(422);
      expect(body).toMatchObject({ code: 'presign.unavailable', detail: expect.stringContaining('/api/files/tus') });
    } finally {
      await disk.close();
    }
  });

  async function expectNothing(id: string): Promise<void> {
    expect(await doors.files()).toEqual([]);
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    expect((await plaza.objects()).filter((key) => key.includes(id))).toEqual([]);
    expect(await plaza.violations()).toEqual([]);
  }
});

// The last: its files stay in the tables, and their storage is gone.
describe('files in an S3 that does not answer', () => {
  it('are refused with 503, and nothing counts, while the storage does not answer', async () => {
    const other = await startS3Server();
    const cut = await openUploads(other.environment);
    try {
      const somebody = await cut.given.member();
      const there = doorsOf(cut, somebody);
      const { body } = await there.raw(TEXT);
      expect(await cut.until(body.id)).toMatchObject({ state: 'ready' });
      await other.stop();
      const refused = await there.raw(TEXT);
      expect([...refusal(refused), refused.headers.get('retry-after')]).toEqual([503, 'storage.unavailable', '5']);
      const { status, body: problem } = await there.send('GET', `/api/files/${body.id}/content`, undefined);
      expect([status, problem.code]).toEqual([503, 'storage.unavailable']);
      expect(await cut.quota(somebody)).toMatchObject({ used: TEXT.length, reserved: 0, unfinished: 0 });
    } finally {
      await cut.close();
    }
  });
});
