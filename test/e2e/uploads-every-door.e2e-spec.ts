import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GivenMember } from '../support/app.js';
import { startS3Server, type S3Server } from '../support/s3-server.js';
import { connectSftp } from '../support/sftp.js';
import { idOf, metadataOf, tusOf } from '../support/tus.js';
import { renamed, zipOf } from '../support/uploads-archives.js';
import { doorsOf, formOf } from '../support/uploads-doors.js';
import { sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';
import { photoWithSecrets } from '../support/uploads-pictures.js';

const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const NAME = 'same.bin';

/** The same bytes through each door, one after the other; each answers the id of the file, or the code of its refusal. */
type Doors = Record<string, (bytes: Buffer, purpose: string) => Promise<string>>;

let plaza: UploadsHarness;
let member: GivenMember;

function doors(): Doors {
  const http = doorsOf(plaza, member);
  const tus = tusOf(plaza.url, member);
  const idOrCode = ({ body }: Awaited<ReturnType<typeof http.raw>>): string => body.code ?? body.items?.[0]?.id ?? body.id;
  const inPieces = async (bytes: Buffer, purpose: string, pieces: number): Promise<string> => {
    const path = await tus.begin(bytes.length, { 'Upload-Metadata': metadataOf({ filename: NAME, purpose }) });
    const size = Math.ceil(bytes.length / pieces);
    for (let at = 0; at < bytes.length; at += size) {
      const { status, code } = await tus.patch(path, at, bytes.subarray(at, at + size));
      if (status !== 204) return code!;
    }
    return idOf(path);
  };
  return {
    multipart: async (bytes, purpose) => idOrCode(await http.form(formOf({ bytes, filename: `="${NAME}"` }), { query: `?purpose=${purpose}` })),
    base64: async (bytes, purpose) => idOrCode(await http.base64({ name: NAME, data: bytes.toString('base64') }, { query: `?purpose=${purpose}` })),
    raw: async (bytes, purpose) => idOrCode(await http.raw(bytes, { query: `?name=${NAME}&purpose=${purpose}` })),
    tus: (bytes, purpose) => inPieces(bytes, purpose, 1),
    'tus in pieces': (bytes, purpose) => inPieces(bytes, purpose, 3),
    sftp: async (bytes, purpose) => {
      const client = await connectSftp(plaza, member);
      try {
        const before = new Set((await http.files()).map(({ id }) => id));
        const refusal = await client.put(bytes, purpose === 'generic' ? `/${NAME}` : `/${purpose}/${NAME}`).then(() => undefined, (error: Error) => error);
        // The protocol has no codes: the refusal comes in words.
        if (refusal) return /not taken for this purpose/.test(refusal.message) ? 'file.type-not-allowed' : refusal.message;
        return (await http.files()).find(({ id }) => !before.has(id))!.id;
      } finally {
        await client.end();
      }
    },
  };
}

function presigned(): Doors {
  const http = doorsOf(plaza, member);
  return {
    presigned: async (bytes, purpose) => {
      const { body } = await http.send('POST', `/api/files/presign?purpose=${purpose}`, JSON.stringify({ name: NAME, size: bytes.length }), { 'Content-Type': 'application/json' });
      await fetch(body['url'] as string, { method: 'PUT', body: new Uint8Array(bytes) });
      const completed = await http.send('POST', `/api/files/${body.id}/complete`, undefined);
      return completed.body.code ?? completed.body.id;
    },
  };
}

const CASES: [what: string, bytes: () => Buffer | Promise<Buffer>, verdict: object][] = [
  ['a text', () => Buffer.from('a quiet corner desk\n'.repeat(5_000)), { state: 'ready', rejectCode: null, mime: 'text/plain' }],
  ['a photo', photoWithSecrets, { state: 'ready', rejectCode: null, mime: 'image/jpeg' }],
  ['half a photo', async () => (await photoWithSecrets()).subarray(0, 700), { state: 'rejected', rejectCode: 'file.image-corrupt', mime: 'image/jpeg' }],
  ['an archive that climbs out', async () => renamed(await zipOf({ 'xx/evil.txt': 'evil' }), 'xx/evil.txt', '../evil.txt'), { state: 'rejected', rejectCode: 'file.archive-unsafe', mime: 'application/zip' }],
  ['the EICAR test string', () => Buffer.from(EICAR), { state: 'rejected', rejectCode: 'file.infected', mime: 'text/plain' }],
];

describe.each(['disk', 's3'])('the same bytes through every door, kept on %s', (storage) => {
  let server: S3Server | undefined;
  let all: Doors;

  beforeAll(async () => {
    if (storage === 's3') server = await startS3Server();
    plaza = await openUploads({ SFTP_PORT: '0', ...server?.environment });
  });
  beforeEach(async () => {
    member = await plaza.given.member();
    all = { ...doors(), ...(storage === 's3' && presigned()) };
  });
  afterAll(async () => {
    // The next storage knows nothing of these, and shares their tables.
    for (const { id } of await plaza.database.rows<{ id: string }>("SELECT id FROM file WHERE state = 'ready'")) await plaza.remove(id);
    await plaza.sweep();
    await plaza.close();
    await server?.stop();
  });

  it.each(CASES)('have one verdict and one blob: %s', async (_, make, verdict) => {
    const bytes = await make();
    const ids: string[] = [];
    for (const door of Object.values(all)) ids.push(await door(bytes, 'generic'));
    const records = await Promise.all(ids.map((id) => plaza.until(id, 20_000)));
    const expected = { ...verdict, size: bytes.length, sha256: sha256Of(bytes), name: NAME, purpose: 'generic' };
    const names = Object.keys(all);
    expect(names.map((door, at) => [door, records[at]])).toEqual(names.map((door) => [door, expect.objectContaining(expected)]));
    expect(new Set(records.map(({ blobId }) => blobId)).size).toBe(1);
    expect(new Set(records.map(({ variants }) => JSON.stringify(variants))).size).toBe(1);
    expect(await plaza.resting()).toEqual([]);
  }, 60_000);

  it('are refused with one code, and nothing is kept', async () => {
    const before = await plaza.objects();
    for (const [door, send] of Object.entries(all)) expect([door, await send(Buffer.from('no picture'), 'avatar')]).toEqual([door, 'file.type-not-allowed']);
    expect(await plaza.resting()).toEqual([]);
    expect(await plaza.objects()).toEqual(before);
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
  });
});
