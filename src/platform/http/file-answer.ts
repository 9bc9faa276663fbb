import { hasCurrent } from './etag.js';

/** What a request says about the file it wants; header names as Node gives them. */
export interface FileRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface FileFacts {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether a browser may show it in its own window; it saves it otherwise. */
  readonly inline?: boolean;
  /** Nothing keeps it where this is left out. */
  readonly cacheControl?: string;
}

export interface ByteRange {
  readonly start: number;
  /** The last byte, included. */
  readonly end: number;
}

export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes to send; undefined for none. */
  readonly body?: ByteRange | 'whole';
}

/**
 * How to answer a request for a file that never changes (RFC 9110): validators first, then a single
 * range. Several ranges, other units and malformed ones are answered with the whole file.
 */
export function fileAnswer({ method, headers: given }: FileRequest, file: FileFacts): FileAnswer {
  const etag = `"${file.sha256}"`;
  const headers = {
    'Accept-Ranges': 'bytes',
    'Cache-Control': file.cacheControl ?? 'private, no-store',
    'Content-Disposition': contentDisposition(file.inline ? 'inline' : 'attachment', file.name),
    'Content-Type': file.mediaType,
    ETag: etag,
    'X-Content-Type-Options': 'nosniff',
  };
  if (hasCurrent(textOf(given['if-none-match']), etag)) return { status: 304, headers: { ETag: etag, 'Cache-Control': headers['Cache-Control'] } };
  const wantsRange = method === 'GET' && isRangeCurrent(textOf(given['if-range']), etag);
  const range = wantsRange ? rangeOf(textOf(given.range), file.bytes) : undefined;
  if (range === 'unsatisfiable') {
    return { status: 416, headers: { 'Content-Range': `bytes */${file.bytes}`, 'Accept-Ranges': 'bytes', 'Content-Length': '0' } };
  }
  if (range) {
    return {
      status: 206,
      headers: { ...headers, 'Content-Length': String(range.end - range.start + 1), 'Content-Range': `bytes ${range.start}-${range.end}/${file.bytes}` },
      body: range,
    };
  }
  return { status: 200, headers: { ...headers, 'Content-Length': String(file.bytes) }, body: method === 'HEAD' ? undefined : 'whole' };
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}

/** RFC 9110 §13.1.5: only the same strong tag will do. A date cannot match, we send no Last-Modified. */
function isRangeCurrent(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}

/**
 * RFC 9110 §14.1.2 for one range. (The package range-parser calls a suffix longer than the file
 * unsatisfiable, where the RFC says that the whole file is meant.)
 */
function rangeOf(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || bytes === 0 ? 'unsatisfiable' : { start: Math.max(0, bytes - suffix), end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= bytes ? 'unsatisfiable' : { start, end };
}

/** RFC 6266: an ASCII name for all, and the real one for those who read `filename*`. */
function contentDisposition(type: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${type}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
