import type { Readable } from 'node:stream';
import { bodyKeyOf } from '../../src/features/uploads/uploads.rules.js';
import { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/database/columns.js';
import { Storage } from '../../src/platform/storage/storage.js';
import type { GivenMember, TestApp } from './app.js';
import { bareRequest } from './bare-request.js';
import { uploadViolations } from './uploads-invariants.js';

export interface UploadAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** A file, `{items}` of files, or a problem. */
  readonly body: { id: string; code: string; items: UploadAnswer['body'][]; [field: string]: unknown };
}

export interface Part {
  readonly field?: string;
  /** What follows `filename` in the header, as it stands there; null for no file name. */
  readonly filename?: string | null;
  readonly type?: string;
  readonly bytes: Buffer;
}

const BOUNDARY = 'plaza-boundary';
export const FORM = { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` };

/** A form as bytes, so that it can be cut and bent. */
export function formOf(...parts: readonly Part[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ field = 'file', filename = '="a.txt"', type = 'application/octet-stream', bytes }) => [
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"${filename === null ? '' : `; filename${filename}`}\r\nContent-Type: ${type}\r\n\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
}

/** A member at the doors of an application. */
export function doorsOf(plaza: TestApp, { id: memberId, auth }: GivenMember) {
  const send = async (method: string, path: string, body: RequestInit['body'] | Buffer | Readable, headers: Record<string, string> = {}): Promise<UploadAnswer> => {
    const response = await fetch(`${plaza.url}${path}`, { method, headers: { ...auth, ...headers }, body, duplex: 'half' } as RequestInit);
    return { status: response.status, headers: response.headers, body: (await response.json()) as UploadAnswer['body'] };
  };
  return {
    send,
    form: (body: Buffer | Readable, { query = '', ...headers }: Record<string, string> = {}) => send('POST', `/api/files${query}`, body, { ...FORM, ...headers }),
    base64: (body: object, { query = '', ...headers }: Record<string, string> = {}) => send('POST', `/api/files/base64${query}`, JSON.stringify(body), { 'Content-Type': 'application/json', ...headers }),
    raw: (body: Buffer | Readable | undefined, { query = '?name=a.txt', ...headers }: Record<string, string> = {}) => send('PUT', `/api/files/raw${query}`, body, headers),
    connect: (method: string, path: string, headers: Record<string, string | number> = {}) => bareRequest(plaza.url, method, path, { ...auth, ...headers }),
    files: () => plaza.app.get(Database).rows<{ id: string; state: string }>('SELECT id, state FROM file WHERE owner_id = ?', [memberId]),
    /** What is left of uploads that should have left nothing, in words. */
    async leftovers(): Promise<string[]> {
      const { body: quota } = await plaza.http.get('/api/files/quota').set(auth).expect(200);
      const rows = await plaza.app.get(Database).rows<{ id: string; ownerId: string }>('SELECT id, owner_id AS ownerId FROM file');
      const keys = new Set(rows.map(({ id }) => bodyKeyOf(id)));
      const objects: string[] = [];
      for await (const { key } of plaza.app.get(Storage).list('uploads')) if (!keys.has(key)) objects.push(`object ${key}`);
      return [
        ...(quota.used === 0 && quota.reserved === 0 ? [] : [`quota ${JSON.stringify(quota)}`]),
        ...rows.filter(({ ownerId }) => ownerId === memberId).map(({ id }) => `row ${id}`),
        ...objects,
        ...(await uploadViolations((sql) => plaza.app.get(Database).rows(sql))),
      ];
    },
    key: () => ({ 'Idempotency-Key': newId() }),
  };
}

/** So many bytes of a kind, in pieces. */
export function* piecesOf(bytes: number, fill = 'x', size = 1024 * 1024): Generator<Buffer> {
  const piece = Buffer.alloc(size, fill);
  for (let left = bytes; left > 0; left -= size) yield left < size ? piece.subarray(0, left) : piece;
}
