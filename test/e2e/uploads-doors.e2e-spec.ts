import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { doorsOf, FORM, formOf, piecesOf, type UploadAnswer } from '../support/uploads-doors.js';
import { sha256Of } from '../support/uploads-files.js';

const MIB = 1024 * 1024;
const TEXT = Buffer.from('a quiet corner desk\n');
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const digestOf = (bytes: Buffer): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
const refusal = ({ status, body }: UploadAnswer) => [status, body.code];

let plaza: TestApp;
let member: GivenMember;
let doors: ReturnType<typeof doorsOf>;

beforeAll(async () => {
  // Nobody checks what came in: it stays as the doors left it.
  plaza = await createTestApp({ UPLOAD_WORKERS: '0' });
});
beforeEach(async () => {
  member = await plaza.given.member();
  doors = doorsOf(plaza, member);
});
afterAll(() => plaza.close());

describe('every door', () => {
  /** The same bytes through each of them. */
  const through = {
    form: (bytes: Buffer, { name = 'a.txt', ...options }: Record<string, string> = {}) =>
      doors.form(formOf({ filename: `="${name}"`, bytes }), options).then((answer) => (answer.status === 201 ? { ...answer, body: answer.body.items[0]! } : answer)),
    base64: (bytes: Buffer, { name = 'a.txt', ...options }: Record<string, string> = {}) => doors.base64({ name, data: bytes.toString('base64') }, options),
    raw: (bytes: Buffer, { name = 'a.txt', query = '', ...options }: Record<string, string> = {}) =>
      doors.raw(bytes, { query: `?name=${encodeURIComponent(name)}${query.replace('?', '&')}`, ...options }),
  };
  const each = Object.keys(through) as (keyof typeof through)[];

  it.each([['text', TEXT, 'text/plain'], ['a picture', PNG, 'image/png'], ['anything', Buffer.from([0, 1, 2, 0, 255]), 'application/octet-stream'], ['300 KiB', randomBytes(300 * 1024), 'application/octet-stream']])(
    'answers the same for the same bytes: %s',
    async (_, bytes, mime) => {
      for (const door of each) {
        const { status, body } = await through[door](bytes);
        expect([door, status]).toEqual([door, 201]);
        expect(body).toEqual({
          id: expect.any(String), name: 'a.txt', state: 'processing', purpose: 'generic', size: bytes.length, mime, sha256: sha256Of(bytes), variants: [], createdAt: expect.any(String),
        });
      }
      const { body: quota } = await plaza.http.get('/api/files/quota').set(member.auth).expect(200);
      expect(quota).toMatchObject({ used: 0, reserved: 3 * bytes.length });
    },
  );

  it.each(each)('refuses an empty file and one of a type that its purpose does not take, and keeps nothing: %s', async (door) => {
    expect(refusal(await through[door](Buffer.alloc(0)))).toEqual([422, 'file.empty']);
    expect(refusal(await through[door](TEXT, { query: '?purpose=avatar' }))).toEqual([422, 'file.type-not-allowed']);
    expect((await through[door](PNG, { query: '?purpose=avatar' })).body).toMatchObject({ purpose: 'avatar', mime: 'image/png' });
    const [{ id } = { id: '' }] = await doors.files();
    await plaza.http.delete(`/api/files/${id}`).set(member.auth).expect(204);
    expect((await doors.leftovers()).filter((line) => !line.endsWith(id))).toEqual([]);
  });

  it.each(each)('knows no other purposes: %s', async (door) => {
    for (const query of ['?purpose=world', '?purpose=', '?purpose=chat&purpose=meme', '?colour=red']) expect(refusal(await through[door](TEXT, { query }))).toEqual([400, 'request.invalid']);
    expect(await doors.leftovers()).toEqual([]);
  });

  it.each(each)('takes names of any language, of up to 255 bytes: %s', async (door) => {
    for (const name of ['Übersicht – 2026 (1).txt', '会议记录.txt', '👩‍👩‍👧.png', 'x'.repeat(255), '  ..a', 'a;b=c,%.txt']) expect([name, (await through[door](TEXT, { name })).body.name]).toEqual([name, name]);
  });

  it.each(each.flatMap((door) => ['../etc/passwd', 'a\\b', 'a\u202Etxt.exe', 'a\u2066b', 'x'.repeat(300), 'ä'.repeat(128), '.', '..', ' '].map((name) => [door, name] as const)))(
    'takes no name that would harm, and keeps nothing: %s, %j',
    async (door, name) => {
      expect(refusal(await through[door](TEXT, { name }))).toEqual([400, 'request.invalid']);
      expect(await doors.leftovers()).toEqual([]);
    },
  );

  it('takes no name with control characters either: in a form they end the header', async () => {
    for (const name of ['a\0b', 'a\nb', 'a\u007Fb']) {
      expect(refusal(await through.base64(TEXT, { name }))).toEqual([400, 'request.invalid']);
      expect(refusal(await through.raw(TEXT, { name }))).toEqual([400, 'request.invalid']);
      expect(refusal(await through.form(TEXT, { name }))).toEqual([400, 'multipart.malformed']);
    }
    expect(await doors.leftovers()).toEqual([]);
  });

  it.each(each)('is closed to who may not write files: %s', async (door) => {
    const { body: token } = await plaza.http.post('/api/api-tokens').set(member.auth).send({ name: 'reader', permissions: ['files.read'] }).expect(201);
    const strangers = [[{ Authorization: '' }, 401, 'auth.required'], [{ Authorization: `Bearer ${token.secret}` }, 403, 'auth.forbidden']] as const;
    for (const [headers, status, code] of strangers) expect(refusal(await through[door](TEXT, headers))).toEqual([status, code]);
    expect(await doors.leftovers()).toEqual([]);
  });

  it.each(each)('replays its answer to the same Idempotency-Key, keeps one file, and refuses other bytes: %s', async (door) => {
    const key = doors.key();
    const first = await through[door](TEXT, key);
    const again = await through[door](TEXT, key);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([201, 'true', first.body]);
    expect(refusal(await through[door](PNG, key))).toEqual([422, 'idempotency.key-reused']);
    expect(refusal(await through[door](TEXT, { ...key, name: 'b.txt' }))).toEqual([422, 'idempotency.key-reused']);
    expect(refusal(await through[door](TEXT, { ...key, query: '?purpose=chat' }))).toEqual([422, 'idempotency.key-reused']);
    expect(await doors.files()).toEqual([{ id: first.body.id, state: 'processing' }]);
    await plaza.http.delete(`/api/files/${first.body.id}`).set(member.auth).expect(204);
    expect((await doors.leftovers()).filter((line) => !line.endsWith(first.body.id))).toEqual([]);
  });

  it.each(each)('makes one file of twins that come at once: %s', async (door) => {
    const key = doors.key();
    const answers = await Promise.all(Array.from({ length: 5 }, () => through[door](TEXT, key)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(4);
    expect(await doors.files()).toHaveLength(1);
  });

  it.each(each)('lets a refused one be sent again with the same key: %s', async (door) => {
    const key = doors.key();
    expect(refusal(await through[door](Buffer.alloc(0), key))).toEqual([422, 'file.empty']);
    expect((await through[door](TEXT, key)).status).toBe(201);
  });
});

describe('a quota of 1 MiB', () => {
  let small: TestApp;
  beforeAll(async () => {
    small = await createTestApp({ UPLOAD_WORKERS: '0', UPLOAD_QUOTA_MIB: '1' });
  });
  afterAll(() => small.close());

  it('is refused with 507 through every door when a file does not fit in it, and keeps nothing', async () => {
    const at = doorsOf(small, await small.given.member());
    const large = randomBytes(MIB + 1);
    expect(refusal(await at.form(formOf({ bytes: TEXT }, { bytes: large })))).toEqual([507, 'file.quota']);
    expect(refusal(await at.base64({ name: 'a', data: large.toString('base64') }))).toEqual([507, 'file.quota']);
    expect(refusal(await at.raw(large))).toEqual([507, 'file.quota']);
    expect(refusal(await at.raw(Readable.from([large, randomBytes(10 * MIB)])))).toEqual([507, 'file.quota']);
    expect(refusal(await at.raw(gzipSync(large), { 'Content-Encoding': 'gzip' }))).toEqual([507, 'file.quota']);
    expect(await at.leftovers()).toEqual([]);
    expect((await at.raw(Readable.from([large.subarray(1)]))).status).toBe(201);
    expect(refusal(await at.raw(TEXT))).toEqual([507, 'file.quota']);
  });
});

describe('a form', () => {
  it('brings several files, answered in their order', async () => {
    const files = Array.from({ length: 10 }, (_, at) => ({ filename: `="${at}.bin"`, bytes: randomBytes(10_000 * (10 - at)) }));
    const { status, body } = await doors.form(formOf(...files));
    expect(status).toBe(201);
    expect(body.items.map(({ name, size, sha256 }) => [name, size, sha256])).toEqual(files.map(({ bytes }, at) => [`${at}.bin`, bytes.length, sha256Of(bytes)]));
  });

  it('is what a browser makes of one', async () => {
    const data = new FormData();
    data.append('file', new Blob(['one']), 'Grüße "aus" Zürich.txt');
    data.append('file', new Blob(['two'], { type: 'image/png' }), 'two');
    const { status, body } = await doors.send('POST', '/api/files', data);
    expect([status, body.items.map(({ name, mime }) => [name, mime])]).toEqual([201, [['Grüße "aus" Zürich.txt', 'text/plain'], ['two', 'text/plain']]]);
  });

  it.each([['="caf\u00e9.txt"', 'café.txt'], ["*=UTF-8''na%C3%AFve%20%E2%82%AC.txt", 'naïve €.txt'], ["=\"plain.txt\"; filename*=UTF-8''sch%C3%B6n.txt", 'schön.txt'], ['=bare.txt', 'bare.txt']])('names a file as filename%s', async (filename, name) => {
    expect((await doors.form(formOf({ filename, bytes: TEXT }))).body.items[0]!.name).toBe(name);
  });

  it('has 10 files and no more', async () => {
    expect(refusal(await doors.form(formOf(...Array.from({ length: 11 }, () => ({ bytes: TEXT })))))).toEqual([413, 'multipart.too-many-files']);
    expect(await doors.leftovers()).toEqual([]);
  });

  it('has files of 32 MiB and no more', async () => {
    const [head, tail] = formOf({ bytes: Buffer.from('|') }).toString().split('|') as [string, string];
    const formWith = (bytes: number) => Readable.from([Buffer.from(head), ...piecesOf(bytes), Buffer.from(tail)]);
    expect(refusal(await doors.form(formWith(32 * MIB + 1)))).toEqual([413, 'file.too-large']);
    expect(await doors.leftovers()).toEqual([]);
    expect((await doors.form(formWith(32 * MIB))).body.items[0]!.size).toBe(32 * MIB);
  });

  it('has 100 MiB and no more, in chunks', async () => {
    const [head, between, tail] = formOf({ bytes: Buffer.from('|') }, { bytes: Buffer.from('|') }).toString().split('|') as [string, string, string];
    const around = Buffer.byteLength(head) + 3 * Buffer.byteLength(between) + Buffer.byteLength(tail);
    function* body(surplus: number): Generator<Buffer> {
      yield Buffer.from(head);
      for (const last of [false, false, false, true]) {
        yield* piecesOf(last ? 25 * MIB - around + surplus : 25 * MIB);
        yield Buffer.from(last ? tail : between);
      }
    }
    expect(refusal(await doors.form(Readable.from(body(1))))).toEqual([413, 'file.too-large']);
    expect(await doors.leftovers()).toEqual([]);
    const { status, body: answer } = await doors.form(Readable.from(body(0)));
    expect([status, answer.items.map(({ size }) => size)]).toEqual([201, [25 * MIB, 25 * MIB, 25 * MIB, 25 * MIB - around]]);
  });

  it('that announces more than 100 MiB is refused before the first byte', async () => {
    const { socket, answer } = doors.connect('POST', '/api/files', { ...FORM, 'Content-Length': 100 * MIB + 1 });
    await eventually(() => expect(answer()).toMatch(/^HTTP\/1\.1 413 [^]*"file\.too-large"/));
    socket.destroy();
    expect(await doors.leftovers()).toEqual([]);
  });

  it.each([
    ['an empty file', { bytes: Buffer.alloc(0) }, 'file.empty'], ['one of a wrong type', { bytes: TEXT }, 'file.type-not-allowed'], ['one with a bad name', { bytes: PNG, filename: '="a/b"' }, 'request.invalid'],
    ['one without a name', { bytes: PNG, filename: null }, 'multipart.malformed'], ['a text field', { bytes: PNG, filename: null, type: 'text/plain', field: 'note' }, 'multipart.malformed'],
  ])('is taken as a whole or not at all: %s among good ones', async (_, bad, code) => {
    const good = { bytes: PNG };
    for (const parts of [[bad, good, good], [good, bad, good], [good, good, bad]]) {
      expect((await doors.form(formOf(...parts), { query: '?purpose=avatar' })).body.code).toBe(code);
      expect(await doors.leftovers()).toEqual([]);
    }
  });

  const whole = formOf({ bytes: TEXT });
  it.each([
    ['no boundary', whole, 'multipart/form-data'], ['another boundary', whole, 'multipart/form-data; boundary=other'], ['another type', whole, 'application/json'], ['no form-data', whole, 'multipart/mixed; boundary=plaza-boundary'],
    ['no file', formOf(), undefined], ['nothing', Buffer.alloc(0), undefined], ['another field', formOf({ field: 'files', bytes: TEXT }), undefined], ['a field without a name', formOf({ field: '', bytes: TEXT }), undefined],
    ['a file without a name', formOf({ filename: null, bytes: TEXT }), undefined], ['a file with an empty name', formOf({ filename: '=""', bytes: TEXT }), undefined],
    ['a text field beside a file', formOf({ bytes: TEXT }, { field: 'note', filename: null, type: 'text/plain', bytes: TEXT }), undefined],
    ['a broken header', Buffer.from(whole.toString().replace('Content-Disposition:', 'Content Disposition;')), undefined],
  ])('with %s is malformed', async (_, body, type) => {
    expect(refusal(await doors.form(body, type === undefined ? {} : { 'Content-Type': type }))).toEqual([400, 'multipart.malformed']);
    expect(await doors.leftovers()).toEqual([]);
  });

  it('that is cut off, at whatever byte, is malformed', async () => {
    const form = formOf({ bytes: TEXT }, { bytes: TEXT });
    // The last line break is not needed, nor what stands for it.
    for (let length = 1; length < form.length - 4; length += 7) expect([length, ...refusal(await doors.form(form.subarray(0, length)))]).toEqual([length, 400, 'multipart.malformed']);
    expect(await doors.leftovers()).toEqual([]);
  });
});

describe('base64', () => {
  it('may come as a data URL, and is the same file to an Idempotency-Key', async () => {
    const key = doors.key();
    const data = PNG.toString('base64');
    const plain = await doors.base64({ name: 'a.png', data }, key);
    const url = await doors.base64({ name: 'a.png', data: `data:image/gif;base64,${data}` }, key);
    expect(plain.headers.get('location')).toBe(`/api/files/${plain.body.id}`);
    expect([url.body.id, url.body.mime]).toEqual([plain.body.id, 'image/png']);
  });

  it('stands for 5 MiB and no more', async () => {
    expect(refusal(await doors.base64({ name: 'a', data: Buffer.alloc(5 * MIB + 1).toString('base64') }))).toEqual([413, 'file.too-large']);
    expect(await doors.leftovers()).toEqual([]);
    expect((await doors.base64({ name: 'a', data: Buffer.alloc(5 * MIB).toString('base64') })).body.size).toBe(5 * MIB);
  });

  it('comes in JSON of 7 MiB and no more, which other routes do not take', async () => {
    const around = JSON.stringify({ name: 'a', data: '' }).length;
    expect(refusal(await doors.base64({ name: 'a', data: 'A'.repeat(7 * MIB - around) }))[1]).not.toBe('request.too-large');
    expect(refusal(await doors.base64({ name: 'a', data: 'A'.repeat(7 * MIB - around + 1) }))).toEqual([413, 'request.too-large']);
    const other = await doors.send('POST', '/api/credits/transfers', JSON.stringify({ note: 'A'.repeat(MIB) }), { 'Content-Type': 'application/json' });
    expect(refusal(other)).toEqual([413, 'request.too-large']);
    expect(await doors.leftovers()).toEqual([]);
  });

  it.each(['QUJ', 'QQ', 'QR==', 'QUJD\n', 'QU-_', 'data:,QUJD', 'data:image/png,QUJD', `${'QUJD'.repeat(40_000)}?QUJ`])('is strict: not %j', async (data) => {
    expect(refusal(await doors.base64({ name: 'a', data }))).toEqual([400, 'base64.invalid']);
    expect(await doors.leftovers()).toEqual([]);
  });

  it.each([{}, { name: 'a' }, { data: 'QUJD' }, { name: 1, data: 'QUJD' }, { name: 'a', data: ['QUJD'] }, { name: 'a', data: null }, { name: 'a', data: 'QUJD', purpose: 'chat' }])('comes with its name and nothing else: not %j', async (body) => {
    expect(refusal(await doors.base64(body))).toEqual([400, 'request.invalid']);
  });
});

describe('a raw body', () => {
  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'nonsense'])('may be of any type: %s', async (type) => {
    expect((await doors.raw(TEXT, { 'Content-Type': type })).body).toMatchObject({ sha256: sha256Of(TEXT), mime: 'text/plain' });
  });

  it('may come in chunks, and needs a name', async () => {
    const { status, headers, body } = await doors.raw(Readable.from([TEXT, TEXT]));
    expect([status, headers.get('location'), body.size]).toEqual([201, `/api/files/${body.id}`, 2 * TEXT.length]);
    for (const query of ['', '?name=', '?name=a&name=b']) expect(refusal(await doors.raw(TEXT, { query }))).toEqual([400, 'request.invalid']);
    expect(refusal(await doors.raw(undefined))).toEqual([422, 'file.empty']);
  });

  it.each([['gzip', gzipSync], ['br', brotliCompressSync]])('may be packed by %s, with a digest of what is sent', async (encoding, pack) => {
    const bytes = Buffer.concat([PNG, randomBytes(200_000)]);
    const packed = pack(bytes);
    const { status, body } = await doors.raw(packed, { 'Content-Encoding': encoding, 'Content-Digest': digestOf(packed) });
    expect([status, body.size, body.sha256]).toEqual([201, bytes.length, sha256Of(bytes)]);
    const key = doors.key();
    const plain = await doors.raw(bytes, key);
    expect((await doors.raw(packed, { ...key, 'Content-Encoding': encoding })).body.id).toBe(plain.body.id);
  });

  it.each([['gzip', gzipSync], ['br', brotliCompressSync]])('that %s packed too well is a bomb, and a broken one is none', async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(20 * MIB));
    expect(refusal(await doors.raw(bomb, { 'Content-Encoding': encoding }))).toEqual([413, 'file.bomb']);
    expect(refusal(await doors.raw(pack(TEXT).subarray(0, -1), { 'Content-Encoding': encoding }))).toEqual([400, 'encoding.invalid']);
    expect(refusal(await doors.raw(Buffer.concat([pack(TEXT), TEXT]), { 'Content-Encoding': encoding }))).toEqual([400, 'encoding.invalid']);
    expect(await doors.leftovers()).toEqual([]);
  });

  it.each(['deflate', 'zstd', 'gzip, br', 'nonsense'])('packed by %s is 415', async (encoding) => {
    expect(refusal(await doors.raw(TEXT, { 'Content-Encoding': encoding }))).toEqual([415, 'encoding.unsupported']);
    expect(await doors.leftovers()).toEqual([]);
  });

  it('is what its Content-Digest says, or refused', async () => {
    expect((await doors.raw(TEXT, { 'Content-Digest': digestOf(TEXT) })).status).toBe(201);
    expect((await doors.raw(TEXT, { 'Content-Digest': 'sha-512=:AAAA:' })).status).toBe(201);
    for (const { id } of await doors.files()) await plaza.http.delete(`/api/files/${id}`).set(member.auth).expect(204);
    expect(refusal(await doors.raw(TEXT, { 'Content-Digest': digestOf(PNG) }))).toEqual([400, 'digest.mismatch']);
    expect(refusal(await doors.raw(gzipSync(TEXT), { 'Content-Encoding': 'gzip', 'Content-Digest': digestOf(TEXT) }))).toEqual([400, 'digest.mismatch']);
    for (const digest of ['sha-256', 'sha-256=AAAA', 'sha-256=:AAAA:', sha256Of(TEXT)]) expect(refusal(await doors.raw(TEXT, { 'Content-Digest': digest }))).toEqual([400, 'request.invalid']);
    expect((await doors.files()).filter(({ state }) => state !== 'deleted')).toEqual([]);
  });

  it('is waited for with Expect: 100-continue', async () => {
    const request = http.request(`${plaza.url}/api/files/raw?name=a`, { method: 'PUT', headers: { ...member.auth, Expect: '100-continue', 'Content-Length': TEXT.length } });
    request.flushHeaders();
    await once(request, 'continue');
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
    request.end(TEXT);
    const [answer] = await answered;
    answer.resume();
    expect(answer.statusCode).toBe(201);
  });
});

describe('an early refusal', () => {
  it('comes before the first byte when the announced size is more than the quota', async () => {
    const { socket, answer } = doors.connect('PUT', '/api/files/raw?name=a', { 'Content-Length': 6 * 1024 * MIB });
    await eventually(() => expect(answer()).toMatch(/^HTTP\/1\.1 507 [^]*"file\.quota"/));
    socket.destroy();
    expect(await doors.leftovers()).toEqual([]);
  });

  it('reaches a client that has sent a little, and does not wait for the rest', async () => {
    const { socket, answer } = doors.connect('PUT', '/api/files/raw?name=a&purpose=avatar', { 'Content-Length': 50 * MIB });
    socket.write(Buffer.alloc(200 * 1024, 'x'));
    await eventually(() => expect(answer()).toMatch(/^HTTP\/1\.1 422 [^]*"file\.type-not-allowed"/));
    expect(await doors.leftovers()).toEqual([]);
    socket.destroy();
  });

  it.each(['keep-alive', 'close'])('reaches a client that writes all before it reads (%s)', async (connection) => {
    for (const path of ['/api/files/raw?name=a&purpose=avatar', '/api/files/raw?name=', '/api/files']) {
      const { socket, answer } = doors.connect(path === '/api/files' ? 'POST' : 'PUT', path, { 'Content-Length': 40 * MIB, Connection: connection, ...(path === '/api/files' && FORM) });
      if (path === '/api/files') socket.write(formOf({ field: 'wrong', bytes: TEXT }));
      socket.pause();
      let left = 40 * MIB - (path === '/api/files' ? formOf({ field: 'wrong', bytes: TEXT }).length : 0);
      for (const piece of piecesOf(left)) {
        left -= piece.length;
        if (!socket.write(piece)) await once(socket, 'drain');
      }
      socket.resume();
      await eventually(() => expect(answer()).toMatch(/^HTTP\/1\.1 4\d\d [^]*"code"/));
      socket.destroy();
    }
    expect(await doors.leftovers()).toEqual([]);
  });

  it('reaches who is not signed in and sends all the same', async () => {
    expect(refusal(await doors.raw(Readable.from(piecesOf(20 * MIB)), { Authorization: '' }))).toEqual([401, 'auth.required']);
  });
});

describe('a client that goes away', () => {
  it('at whatever byte leaves nothing behind, and no error in the log', async () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
    const loud = await createTestApp({ UPLOAD_WORKERS: '0', LOG_LEVEL: 'error' });
    try {
      const at = doorsOf(loud, await loud.given.member());
      const form = formOf({ bytes: randomBytes(100_000) }, { bytes: randomBytes(200_000) });
      const json = Buffer.from(JSON.stringify({ name: 'a', data: randomBytes(200_000).toString('base64') }));
      const packed = gzipSync(randomBytes(300_000));
      const requests: { method: string; path: string; headers: Record<string, string>; body: Buffer }[] = [
        { method: 'POST', path: '/api/files', headers: FORM, body: form },
        { method: 'POST', path: '/api/files/base64', headers: { 'Content-Type': 'application/json' }, body: json },
        { method: 'PUT', path: '/api/files/raw?name=a', headers: {}, body: form },
        { method: 'PUT', path: '/api/files/raw?name=a', headers: { 'Content-Encoding': 'gzip', 'Content-Digest': digestOf(packed) }, body: packed },
      ];
      for (const { method, path, headers, body } of requests) {
        const lengths = [0, 1, 65_536, body.length - 1, ...Array.from({ length: 6 }, () => Math.floor(Math.random() * body.length))];
        for (const chunked of [false, true]) {
          await Promise.all(lengths.map(async (length) => {
            const { socket, closed } = at.connect(method, path, { ...headers, ...(chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': body.length }) });
            const bytes = body.subarray(0, length);
            socket.write(chunked ? Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), bytes]) : bytes, () => socket.destroy());
            await closed;
          }));
        }
      }
      await eventually(async () => expect(await at.leftovers()).toEqual([]));
    } finally {
      await loud.close();
      write.mockRestore();
    }
    expect(lines.filter((line) => line.includes('"level"'))).toEqual([]);
  });
});
