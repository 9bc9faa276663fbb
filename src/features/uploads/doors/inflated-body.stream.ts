import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { encodingInvalid, encodingUnsupported, fileBomb } from './doors.errors.js';

/** What a body may unpack to, as a multiple of its own size. */
const INFLATE_RATIO = 100;
/** Never a bomb, however little was sent: a page of blanks packs very well. */
export const INFLATE_FLOOR_BYTES = 64 * 1024;

/**
 * The body as it was before it was packed. Destroying it destroys its source.
 *
 * @param encoding the Content-Encoding; the body itself without one
 * @throws encodingUnsupported at once; the stream fails with encodingInvalid when it is broken or goes on after
 *   its end, and with fileBomb as soon as it has grown beyond all measure
 */
export function inflatedBody(body: Readable, encoding = 'identity'): Readable {
  const inflate = inflaterOf(encoding.trim().toLowerCase());
  if (inflate === undefined) return body;
  let bytes = 0;
  const inflated = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      bytes += chunk.length;
      const isBomb = bytes > Math.max(INFLATE_FLOOR_BYTES, INFLATE_RATIO * inflate.bytesWritten);
      done(isBomb ? fileBomb({ ratio: INFLATE_RATIO }) : null, chunk);
    },
    // Node stops reading where the packed data ends, without a word on what comes after.
    flush: (done) => done(inflate.writableEnded && inflate.writableLength === 0 ? null : encodingInvalid()),
  });
  inflate.once('error', (error) => inflated.destroy(error instanceof DomainError ? error : encodingInvalid()));
  pipeline(body, inflate, inflated, () => undefined);
  return inflated;
}

function inflaterOf(encoding: string) {
  switch (encoding) {
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    default:
      throw encodingUnsupported();
  }
}
