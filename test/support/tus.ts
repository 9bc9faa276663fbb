import type { Readable } from 'node:stream';
import type { GivenMember } from './app.js';
import { bareRequest } from './bare-request.js';

export const TUS = '/api/files/tus';
export const OFFSET_STREAM = 'application/offset+octet-stream';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** An Upload-Metadata header. */
export const metadataOf = (metadata: Record<string, string>): string => Object.entries(metadata).map(([key, value]) => `${key} ${base64(value)}`).join(',');

type Bytes = string | Buffer | Readable;

export interface TusReply {
  readonly status: number;
  /** Undefined where nothing came. */
  header(name: string): string | undefined;
  /** Of a problem. */
  readonly code: string | undefined;
  readonly text: string;
}

/** A member who speaks the tus protocol by hand. */
export function tusOf(url: string, { auth }: Pick<GivenMember, 'auth'>) {
  const send = async (method: string, path: string, headers: Record<string, string | undefined> = {}, body?: Bytes): Promise<TusReply> => {
    const given = Object.entries({ ...auth, 'Tus-Resumable': '1.0.0', ...headers }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const response = await fetch(new URL(path, url), { method, headers: Object.fromEntries(given), ...(body !== undefined && { body, duplex: 'half' }) } as RequestInit);
    const text = await response.text();
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      code: response.headers.get('content-type')?.startsWith('application/problem+json') && text !== '' ? (JSON.parse(text) as { code: string }).code : undefined,
      text,
    };
  };
  const patch = (path: string, offset: number | string, body: Bytes, headers: Record<string, string | undefined> = {}): Promise<TusReply> =>
    send('PATCH', path, { 'Content-Type': OFFSET_STREAM, 'Upload-Offset': String(offset), ...headers }, body);

  return {
    send,
    patch,
    create: (headers: Record<string, string | undefined>, body?: Bytes): Promise<TusReply> => send('POST', TUS, headers, body),
    /** The address of a new upload. */
    async begin(bytes: number | undefined, headers: Record<string, string | undefined> = {}): Promise<string> {
      const reply = await send('POST', TUS, { ...(bytes === undefined ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(bytes) }), ...headers });
      if (reply.status !== 201) throw new Error(`${reply.status} ${reply.text}`);
      return reply.header('location')!;
    },
    head: (path: string, headers: Record<string, string | undefined> = {}): Promise<TusReply> => send('HEAD', path, headers),
    delete: (path: string): Promise<TusReply> => send('DELETE', path),
    /** How many bytes are stored. */
    async offset(path: string): Promise<number> {
      const reply = await send('HEAD', path);
      if (reply.status !== 200) throw new Error(`${reply.status} on HEAD ${path}`);
      return Number(reply.header('upload-offset'));
    },
    /** The head of a PATCH of `length` bytes. */
    connect: (path: string, offset: number, length: number, more: Record<string, string> = {}) =>
      bareRequest(url, 'PATCH', path, { ...auth, 'Tus-Resumable': '1.0.0', 'Content-Type': OFFSET_STREAM, 'Upload-Offset': offset, 'Content-Length': length, ...more }),
  };
}

export const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
