import { createHash } from 'node:crypto';
import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream';
import { digestMismatch } from './doors.errors.js';

/**
 * A body that ends well only when it is the one that was promised, and fails with `digestMismatch` otherwise.
 * Destroying it destroys its source.
 *
 * @param sha256 in hex
 */
export function digestedBody(body: Readable, sha256: string): Readable {
  const hash = createHash('sha256');
  const digested = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush: (done) => done(hash.digest('hex') === sha256 ? null : digestMismatch()),
  });
  pipeline(body, digested, () => undefined);
  return digested;
}
