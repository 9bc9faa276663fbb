import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { idOf, metadataOf, OFFSET_STREAM, TUS, tusOf, type TusReply } from '../support/tus.js';
import { doorsOf } from '../support/uploads-doors.js';
import { sha256Of } from '../support/uploads-files.js';

const MIB = 1024 * 1024;
const NOBODY = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01';
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const refusal = ({ status, code }: TusReply) => [status, code];
const checksumOf = (algorithm: string, bytes: Buffer | string): string => `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`;
/** Without a Content-Length. */
const inPieces = (...pieces: (Buffer | string)[]): Readable => Readable.from(pieces.map((piece) => Buffer.from(piece)));

let plaza: TestApp;
let member: GivenMember;
let tus: ReturnType<typeof tusOf>;
let leftovers: () => Promise<string[]>;
const fileOf = async (path: string) => (await plaza.http.get(`/api/files/${idOf(path)}`).set(member.auth)).body as Record<string, unknown>;
const quota = async () => (await plaza.http.get('/api/files/quota').set(member.auth)).body as { used: number; reserved: number };
/** What there is of the member's uploads is ended; whatever is left then should not be. */
const leftAfterwards = async (): Promise<string[]> => {
  const { body } = await plaza.http.get('/api/files').set(member.auth).expect(200);
  for (const { id } of (body as { items: { id: string }[] }).items) await tus.delete(`${TUS}/${id}`);
  await plaza.app.get(Transactions).run((tx) => tx.write("DELETE FROM file WHERE owner_id = ? AND state = 'deleted'", [member.id]));
  return eventually(async () => {
    const left = await leftovers();
    expect(left).toEqual([]);
    return left;
  });
};

beforeAll(async () => {
  // Nobody checks what came in: it stays as the door left it.
  plaza = await createTestApp({ UPLOAD_WORKERS: '0', UPLOAD_QUOTA_MIB: '64', CORS_ORIGINS: 'https://app.example.org' });
});
beforeEach(async () => {
  member = await plaza.given.member();
  tus = tusOf(plaza.url, member);
  ({ leftovers } = doorsOf(plaza, member));
});
afterAll(() => plaza.close());

describe('a tus upload', () => {
  it('comes in pieces and is a file with its last byte', async () => {
    const bytes = randomBytes(300_000);
    const created = await tus.create({ 'Upload-Length': '300000', 'Upload-Metadata': `${metadataOf({ filename: 'garden — ä.bin', filetype: 'image/png' })},flag` });
    expect(created.status).toBe(201);
    const path = created.header('location')!;
    expect(path).toMatch(/^\/api\/files\/tus\/[0-9a-f-]{36}$/);
    expect(Date.parse(created.header('upload-expires')!)).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    expect(await fileOf(path)).toMatchObject({ state: 'receiving', name: 'garden — ä.bin', purpose: 'generic', size: 300_000, mime: null });
    expect(await quota()).toMatchObject({ used: 0, reserved: 300_000 });

    const first = await tus.patch(path, 0, bytes.subarray(0, 100_000));
    expect([first.status, first.header('upload-offset'), first.header('tus-resumable')]).toEqual([204, '100000', '1.0.0']);
    expect(Date.parse(first.header('upload-expires')!)).toBeGreaterThan(Date.now());
    expect(await tus.offset(path)).toBe(100_000);
    const last = await tus.patch(path, 100_000, inPieces(bytes.subarray(100_000, 200_000), bytes.subarray(200_000)));
    expect([last.status, last.header('upload-offset'), last.header('upload-expires')]).toEqual([204, '300000', undefined]);

    expect(await fileOf(path)).toMatchObject({ state: 'processing', size: 300_000, sha256: sha256Of(bytes), mime: 'application/octet-stream' });
    expect(await quota()).toMatchObject({ used: 0, reserved: 300_000 });
    // Whoever did not hear the last answer asks again.
    const again = await tus.head(path);
    expect([again.status, again.header('upload-offset'), again.header('upload-length'), again.header('upload-expires')]).toEqual([200, '300000', '300000', undefined]);
    expect((await tus.patch(path, 300_000, '')).status).toBe(204);
    expect(refusal(await tus.patch(path, 300_000, 'x'))).toEqual([413, 'file.too-large']);
    expect(refusal(await tus.patch(path, 0, 'x'))).toEqual([409, 'tus.offset']);
  });

  it('is told from HEAD as it was sent', async () => {
    const metadata = `${metadataOf({ filename: 'a.txt' })},flag`;
    const path = await tus.begin(10, { 'Upload-Metadata': metadata });
    await tus.patch(path, 0, 'abcd');
    const reply = await tus.head(path);
    expect(reply.status).toBe(200);
    const shown = ['upload-offset', 'upload-length', 'upload-metadata', 'upload-defer-length', 'upload-concat', 'cache-control', 'tus-resumable'].map((name) => reply.header(name));
    expect(shown).toEqual(['4', '10', metadata, undefined, undefined, 'no-store', '1.0.0']);
    expect(Date.parse(reply.header('upload-expires')!)).toBeGreaterThan(Date.now());
  });

  it('may bring its first bytes along, and all of them', async () => {
    const part = await tus.create({ 'Upload-Length': '10', 'Content-Type': OFFSET_STREAM }, 'abcd');
    expect([part.status, part.header('upload-offset')]).toEqual([201, '4']);
    expect(await tus.offset(part.header('location')!)).toBe(4);
    const whole = await tus.create({ 'Upload-Length': '5', 'Content-Type': OFFSET_STREAM }, inPieces('hello'));
    expect([whole.status, whole.header('upload-offset'), whole.header('upload-expires')]).toEqual([201, '5', undefined]);
    expect(await fileOf(whole.header('location')!)).toMatchObject({ state: 'processing', sha256: sha256Of(Buffer.from('hello')), mime: 'text/plain' });
    // A body of another type is none of the upload's.
    const other = await tus.create({ 'Upload-Length': '5', 'Content-Type': 'application/json' }, '{"a":1}');
    expect(await tus.offset(other.header('location')!)).toBe(0);
  });

  it('may say its length when it knows it, and sets aside what it needs until then', async () => {
    const path = await tus.begin(undefined);
    const before = await tus.head(path);
    expect([before.header('upload-defer-length'), before.header('upload-length')]).toEqual(['1', undefined]);
    await tus.patch(path, 0, Buffer.alloc(9 * MIB, 'x'));
    expect((await quota()).reserved).toBe(16 * MIB);
    expect((await fileOf(path))['size']).toBeNull();
    expect(refusal(await tus.patch(path, 9 * MIB, '', { 'Upload-Length': String(9 * MIB - 1) }))).toEqual([400, 'request.invalid']);
    const last = await tus.patch(path, 9 * MIB, 'yy', { 'Upload-Length': String(9 * MIB + 2) });
    expect([last.status, last.header('upload-offset')]).toEqual([204, String(9 * MIB + 2)]);
    expect(await fileOf(path)).toMatchObject({ state: 'processing', size: 9 * MIB + 2, sha256: sha256Of(Buffer.concat([Buffer.alloc(9 * MIB, 'x'), Buffer.from('yy')])) });
    expect((await quota()).reserved).toBe(9 * MIB + 2);
    // What has come already may be all.
    const all = await tus.begin(undefined);
    await tus.patch(all, 0, 'all');
    expect((await tus.patch(all, 3, '', { 'Upload-Length': '3' })).status).toBe(204);
    expect(await fileOf(all)).toMatchObject({ state: 'processing', size: 3 });
    expect(refusal(await tus.patch(await tus.begin(3), 0, 'abc', { 'Upload-Length': '3' }))).toEqual([400, 'request.invalid']);
  });

  it('is for what the address says, or else its metadata', async () => {
    const purpose = async (query: string, headers = {}) => (await fileOf((await tus.send('POST', `${TUS}${query}`, { 'Upload-Length': '1', ...headers })).header('location')!))['purpose'];
    expect(await purpose('')).toBe('generic');
    expect(await purpose('', { 'Upload-Metadata': metadataOf({ purpose: 'avatar' }) })).toBe('avatar');
    expect(await purpose('?purpose=meme', { 'Upload-Metadata': metadataOf({ purpose: 'avatar' }) })).toBe('meme');
    expect(refusal(await tus.send('POST', `${TUS}?purpose=nothing`, { 'Upload-Length': '1' }))).toEqual([400, 'request.invalid']);
    expect(refusal(await tus.create({ 'Upload-Length': '1', 'Upload-Metadata': metadataOf({ purpose: 'nothing' }) }))).toEqual([400, 'request.invalid']);
  });

  it('is judged by its bytes with the last one, as at every door, and nothing of it is kept then', async () => {
    const picture = await tus.create({ 'Upload-Length': String(PNG.length), 'Content-Type': OFFSET_STREAM, 'Upload-Metadata': metadataOf({ purpose: 'avatar' }) }, PNG);
    expect([picture.status, (await fileOf(picture.header('location')!))['mime']]).toEqual([201, 'image/png']);
    const before = await quota();
    expect(refusal(await tus.create({ 'Upload-Length': '4', 'Content-Type': OFFSET_STREAM, 'Upload-Metadata': metadataOf({ purpose: 'avatar', filetype: 'image/png' }) }, 'text'))).toEqual([422, 'file.type-not-allowed']);
    const path = await tus.begin(4, { 'Upload-Metadata': metadataOf({ purpose: 'avatar', filetype: 'image/png' }) });
    expect(refusal(await tus.patch(path, 0, 'text'))).toEqual([422, 'file.type-not-allowed']);
    expect((await tus.head(path)).status).toBe(404);
    expect(refusal(await tus.create({ 'Upload-Length': '0' }))).toEqual([422, 'file.empty']);
    const empty = await tus.begin(undefined);
    expect(refusal(await tus.patch(empty, 0, '', { 'Upload-Length': '0' }))).toEqual([422, 'file.empty']);
    expect(await quota()).toEqual(before);
    await leftAfterwards();
  });

  it('ends with DELETE, whether it is finished or not', async () => {
    const path = await tus.begin(10);
    await tus.patch(path, 0, 'abcd');
    const gone = await tus.delete(path);
    expect([gone.status, gone.header('tus-resumable'), gone.text]).toEqual([204, '1.0.0', '']);
    expect((await tus.head(path)).status).toBe(410);
    expect(refusal(await tus.patch(path, 4, 'efghij'))).toEqual([410, 'file.deleted']);
    expect(refusal(await tus.delete(path))).toEqual([410, 'file.deleted']);
    const finished = (await tus.create({ 'Upload-Length': '3', 'Content-Type': OFFSET_STREAM }, 'abc')).header('location')!;
    expect((await tus.delete(finished)).status).toBe(204);
    expect((await tus.head(finished)).status).toBe(410);
    await leftAfterwards();
  });

  it('is gone when its time is over, and has it anew with each PATCH', async () => {
    const age = (path: string, hours: number) =>
      plaza.app.get(Transactions).run((tx) => tx.write('UPDATE file SET expires_at = expires_at - INTERVAL ? HOUR WHERE id = ?', [hours, idOf(path)]));
    const path = await tus.begin(10);
    await age(path, 23);
    expect(Date.parse((await tus.patch(path, 0, 'abcd')).header('upload-expires')!)).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    await age(path, 25);
    expect((await tus.head(path)).status).toBe(410);
    expect(refusal(await tus.patch(path, 4, 'efghij'))).toEqual([410, 'file.expired']);
    expect(refusal(await tus.delete(path))).toEqual([410, 'file.expired']);
  });

  it('is nobody else\'s', async () => {
    const path = await tus.begin(10);
    const other = tusOf(plaza.url, await plaza.given.member());
    expect((await other.head(path)).status).toBe(404);
    expect(refusal(await other.patch(path, 0, 'abcd'))).toEqual([404, 'not-found']);
    expect(refusal(await other.delete(path))).toEqual([404, 'not-found']);
    expect(await tus.offset(path)).toBe(0);
    for (const method of ['POST', 'HEAD', 'PATCH', 'DELETE']) {
      const reply = await tus.send(method, method === 'POST' ? TUS : path, { Authorization: undefined });
      expect([method, reply.status, reply.header('tus-resumable')]).toEqual([method, 401, '1.0.0']);
    }
  });

  it('can be spoken to with nothing but POST', async () => {
    const path = await tus.begin(4);
    const as = (method: string | undefined, headers = {}, body?: string) => tus.send('POST', path, { 'X-HTTP-Method-Override': method, ...headers }, body);
    expect((await as('PATCH', { 'Content-Type': OFFSET_STREAM, 'Upload-Offset': '0' }, 'ab')).header('upload-offset')).toBe('2');
    expect((await as('HEAD')).header('upload-offset')).toBe('2');
    expect((await as('DELETE')).status).toBe(204);
    expect(refusal(await as(undefined))).toEqual([404, 'not-found']);
  });
});

describe('the tus protocol\'s refusals', () => {
  it.each(['POST', 'HEAD', 'PATCH', 'DELETE'])('are 412 with the versions that are spoken for %s without or with another Tus-Resumable', async (method) => {
    const path = method === 'POST' ? TUS : await tus.begin(4);
    for (const version of [undefined, '0.2.2', '2.0.0', '']) {
      const reply = await tus.send(method, path, { 'Tus-Resumable': version, 'Upload-Length': '4', 'Upload-Offset': '0', 'Content-Type': OFFSET_STREAM });
      expect([version, reply.status, reply.header('tus-version'), reply.header('tus-resumable'), reply.code]).toEqual([version, 412, '1.0.0', '1.0.0', method === 'HEAD' ? undefined : 'tus.version']);
    }
    expect((await plaza.app.get(Database).rows('SELECT 1 FROM file WHERE owner_id = ?', [member.id])).length).toBe(method === 'POST' ? 0 : 1);
  });

  it.each([
    ['no length at all', {}],
    ['two of them', { 'Upload-Length': '5', 'Upload-Defer-Length': '1' }],
    ['a negative length', { 'Upload-Length': '-5' }],
    ['a length that is no number', { 'Upload-Length': 'five' }],
    ['a length in another notation', { 'Upload-Length': '1e3' }],
    ['a fraction of a byte', { 'Upload-Length': '1.5' }],
    ['a length with zeros before it', { 'Upload-Length': '007' }],
    ['an empty length', { 'Upload-Length': '' }],
    ['a length beyond every number', { 'Upload-Length': '9'.repeat(400) }],
    ['a length beyond exact numbers', { 'Upload-Length': '9007199254740993' }],
    ['another promise of a length', { 'Upload-Defer-Length': '2' }],
    ['metadata without a key', { 'Upload-Length': '5', 'Upload-Metadata': 'filename YQ==, Yg==' }],
    ['metadata that is no Base64', { 'Upload-Length': '5', 'Upload-Metadata': 'filename a_b-' }],
    ['metadata cut short', { 'Upload-Length': '5', 'Upload-Metadata': 'filename YQ' }],
    ['metadata with a key twice', { 'Upload-Length': '5', 'Upload-Metadata': 'filename YQ==,filename Yg==' }],
    ['metadata with a key of every object', { 'Upload-Length': '5', 'Upload-Metadata': '__proto__ YQ==' }],
    ['metadata with too many spaces', { 'Upload-Length': '5', 'Upload-Metadata': 'filename  YQ==' }],
    ['metadata without end', { 'Upload-Length': '5', 'Upload-Metadata': `filename ${'YWFh'.repeat(2100)}` }],
    ['a name with a slash', { 'Upload-Length': '5', 'Upload-Metadata': metadataOf({ filename: '../../etc/passwd' }) }],
    ['a name with a backslash', { 'Upload-Length': '5', 'Upload-Metadata': metadataOf({ filename: 'a\\b' }) }],
    ['a name with NUL', { 'Upload-Length': '5', 'Upload-Metadata': metadataOf({ filename: 'a\0.txt' }) }],
    ['a name that reads backwards', { 'Upload-Length': '5', 'Upload-Metadata': metadataOf({ filename: 'a\u202etxt.exe' }) }],
    ['a name of 300 bytes', { 'Upload-Length': '5', 'Upload-Metadata': metadataOf({ filename: 'é'.repeat(150) }) }],
    ['an empty name', { 'Upload-Length': '5', 'Upload-Metadata': metadataOf({ filename: ' ' }) }],
    ['another concatenation', { 'Upload-Length': '5', 'Upload-Concat': 'whole' }],
    ['a final upload of nothing', { 'Upload-Concat': 'final;' }],
    ['a final upload of what is no upload', { 'Upload-Concat': 'final;/api/files/tus/../x' }],
    ['a checksum of an unknown kind', { 'Upload-Length': '5', 'Content-Type': OFFSET_STREAM, 'Upload-Checksum': checksumOf('md5', '') }],
  ])('are 400 for %s', async (_, headers) => {
    expect(refusal(await tus.create(headers))).toEqual([400, 'request.invalid']);
    expect(await leftovers()).toEqual([]);
  });

  it('are 413 for more than any upload may have, and 507 for more than there is room for', async () => {
    expect(refusal(await tus.create({ 'Upload-Length': String(5 * 1024 ** 4 + 1) }))).toEqual([413, 'file.too-large']);
    expect(refusal(await tus.create({ 'Upload-Length': String(64 * MIB + 1) }))).toEqual([507, 'file.quota']);
    expect(await leftovers()).toEqual([]);
    const [exact, deferred] = [await tus.begin(63 * MIB), await tus.begin(undefined)];
    const full = await tus.patch(deferred, 0, inPieces(Buffer.alloc(MIB), Buffer.alloc(1)));
    expect(refusal(full)).toEqual([507, 'file.quota']);
    expect(refusal(await tus.patch(deferred, await tus.offset(deferred), '', { 'Upload-Length': String(MIB + 1) }))).toEqual([507, 'file.quota']);
    await tus.delete(exact);
    // What came before the refusal is there, and now there is room for the rest.
    const at = await tus.offset(deferred);
    expect((await tus.patch(deferred, at, Buffer.alloc(MIB + 1 - at), { 'Upload-Length': String(MIB + 1) })).status).toBe(204);
    expect(await fileOf(deferred)).toMatchObject({ sha256: sha256Of(Buffer.alloc(MIB + 1)) });
    await leftAfterwards();
  });

  it.each([undefined, 'application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/offset'])('are 415 for a PATCH of type %s', async (type) => {
    const path = await tus.begin(4);
    // fetch gives text a type of its own.
    expect(refusal(await tus.patch(path, 0, Buffer.from('abcd'), { 'Content-Type': type }))).toEqual([415, 'tus.content-type']);
    expect(await tus.offset(path)).toBe(0);
  });

  it.each(['', '-1', 'x', '1.5', '1e1', '00', '9'.repeat(400)])('are 400 for the offset %s', async (offset) => {
    const path = await tus.begin(40);
    expect(refusal(await tus.patch(path, offset, 'abcd'))).toEqual([400, 'request.invalid']);
  });

  it('are 400 for no offset, and 409 for a wrong one, of which nothing is kept', async () => {
    const path = await tus.begin(10);
    expect(refusal(await tus.patch(path, 0, 'abcd', { 'Upload-Offset': undefined }))).toEqual([400, 'request.invalid']);
    expect(refusal(await tus.patch(path, 4, 'efgh'))).toEqual([409, 'tus.offset']);
    // Who still sends hears it all the same.
    expect(refusal(await tus.patch(path, 4, Buffer.alloc(8 * MIB)))).toEqual([409, 'tus.offset']);
    await tus.patch(path, 0, 'abcd');
    expect(refusal(await tus.patch(path, 0, 'abcd'))).toEqual([409, 'tus.offset']);
    expect(refusal(await tus.patch(path, 3, 'defg'))).toEqual([409, 'tus.offset']);
    expect(await tus.offset(path)).toBe(4);
  });

  it('are 404 for what is no upload', async () => {
    const raw = await plaza.http.put('/api/files/raw?name=a.txt').set(member.auth).set('Content-Type', 'text/plain').send('abc').expect(201);
    for (const path of [`${TUS}/${NOBODY}`, `${TUS}/x`, `${TUS}/${'x'.repeat(1_000)}`, `${TUS}/..%2f..%2fetc`, `${TUS}/%00`, `${TUS}/${(raw.body as { id: string }).id}`]) {
      expect([path, (await tus.head(path)).status]).toEqual([path, 404]);
      expect([path, ...refusal(await tus.patch(path, 0, 'abcd'))]).toEqual([path, 404, 'not-found']);
      expect([path, ...refusal(await tus.delete(path))]).toEqual([path, 404, 'not-found']);
    }
    expect((await tus.send('GET', await tus.begin(4))).status).toBe(404);
  });

  it.each([['with', (text: string) => text], ['without', (text: string) => inPieces(text)]])('are 413 for more bytes than were declared, %s a length of the body', async (_, body) => {
    const path = await tus.begin(4);
    expect(refusal(await tus.patch(path, 0, body('abcde')))).toEqual([413, 'file.too-large']);
    expect(refusal(await tus.create({ 'Upload-Length': '4', 'Content-Type': OFFSET_STREAM }, body('abcde')))).toEqual([413, 'file.too-large']);
    expect((await plaza.app.get(Database).rows('SELECT 1 FROM file WHERE owner_id = ?', [member.id])).length).toBe(1);
    // The upload itself is none the worse for it.
    const at = await tus.offset(path);
    expect((await tus.patch(path, at, 'abcd'.slice(at))).status).toBe(204);
    expect(await fileOf(path)).toMatchObject({ sha256: sha256Of(Buffer.from('abcd')) });
    await leftAfterwards();
  });

  it('are 460 for bytes that are not what their checksum says, of which none is kept', async () => {
    const path = await tus.begin(8);
    for (const algorithm of ['sha1', 'sha256', 'sha512']) {
      expect(refusal(await tus.patch(path, 0, 'abcd', { 'Upload-Checksum': checksumOf(algorithm, 'abce') }))).toEqual([460, 'tus.checksum']);
      expect(await tus.offset(path)).toBe(0);
    }
    for (const header of ['', 'sha1', 'sha1 !', `sha1 ${checksumOf('sha256', '').split(' ')[1]}`, checksumOf('md5', 'abcd'), `${checksumOf('sha1', 'abcd')} x`]) {
      expect([header, ...refusal(await tus.patch(path, 0, 'abcd', { 'Upload-Checksum': header }))]).toEqual([header, 400, 'request.invalid']);
    }
    expect((await tus.patch(path, 0, 'abcd', { 'Upload-Checksum': checksumOf('sha1', 'abcd') })).header('upload-offset')).toBe('4');
    expect(refusal(await tus.patch(path, 4, 'efghi', { 'Upload-Checksum': checksumOf('sha1', 'efghi') }))).toEqual([413, 'file.too-large']);
    expect((await tus.patch(path, 4, inPieces('ef', 'gh'), { 'Upload-Checksum': checksumOf('sha512', 'efgh') })).header('upload-offset')).toBe('8');
    expect(await fileOf(path)).toMatchObject({ state: 'processing', sha256: sha256Of(Buffer.from('abcdefgh')) });
    expect(refusal(await tus.create({ 'Upload-Length': '4', 'Content-Type': OFFSET_STREAM, 'Upload-Checksum': checksumOf('sha1', 'abce') }, 'abcd'))).toEqual([460, 'tus.checksum']);
    await leftAfterwards();
  });

  it('keeps nothing of bytes with a checksum that do not all come', async () => {
    const path = await tus.begin(8);
    const { socket, closed } = tus.connect(path, 0, 8, { 'Upload-Checksum': checksumOf('sha1', 'abcdefgh') });
    socket.write('abcd');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await closed;
    expect(await tus.offset(path)).toBe(0);
  });
});

describe('OPTIONS of the tus door', () => {
  const ORIGIN = 'https://app.example.org';

  it.each([TUS, `${TUS}/${NOBODY}`])('says at %s what is spoken, to everybody', async (path) => {
    const reply = await tus.send('OPTIONS', path, { Authorization: undefined, 'Tus-Resumable': undefined });
    expect(reply.status).toBe(200);
    expect(['tus-version', 'tus-extension', 'tus-max-size', 'tus-checksum-algorithm', 'tus-resumable', 'x-content-type-options'].map((name) => reply.header(name))).toEqual([
      '1.0.0', 'creation,creation-with-upload,creation-defer-length,expiration,termination,checksum,concatenation', String(5 * 1024 ** 4), 'sha1,sha256,sha512', '1.0.0', 'nosniff',
    ]);
  });

  it('lets pages of allowed origins in, and no others', async () => {
    const ask = (origin: string) => tus.send('OPTIONS', `${TUS}/${NOBODY}`, {
      Authorization: undefined, 'Tus-Resumable': undefined, Origin: origin, 'Access-Control-Request-Method': 'PATCH', 'Access-Control-Request-Headers': 'authorization,tus-resumable,upload-offset,content-type',
    });
    const reply = await ask(ORIGIN);
    expect([reply.status, reply.header('access-control-allow-origin'), reply.header('access-control-allow-headers'), reply.header('tus-version')]).toEqual([
      200, ORIGIN, 'authorization,tus-resumable,upload-offset,content-type', '1.0.0',
    ]);
    expect(reply.header('access-control-allow-methods')!.split(/, ?/)).toEqual(expect.arrayContaining(['POST', 'HEAD', 'PATCH', 'DELETE']));
    expect((await ask('https://evil.example.org')).header('access-control-allow-origin')).toBeUndefined();
  });

  it('goes with answers that a page of an allowed origin can read, refusals included', async () => {
    const path = await tus.begin(4);
    for (const reply of [await tus.patch(path, 0, 'ab', { Origin: ORIGIN }), await tus.head(path, { Origin: ORIGIN }), await tus.patch(path, 0, 'ab', { Origin: ORIGIN }), await tus.send('HEAD', path, { Origin: ORIGIN, Authorization: undefined })]) {
      expect(reply.header('access-control-allow-origin')).toBe(ORIGIN);
      expect(reply.header('access-control-expose-headers')!.split(', ')).toEqual(expect.arrayContaining(['Location', 'Upload-Offset', 'Upload-Length', 'Upload-Expires', 'Tus-Resumable', 'Tus-Version', 'X-Request-Id']));
      expect(reply.header('x-request-id')).toBeDefined();
      expect(reply.header('content-security-policy')).toContain("default-src 'none'");
    }
  });
});
