import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { digestedBody } from './digested-body.stream.js';

const sha256 = createHash('sha256').update('plaza').digest('hex');
const outcome = (body: Readable) => buffer(body).catch((error: { code?: string }) => error.code);

describe('a digested body', () => {
  it('ends well when it is the one that was promised', async () => {
    expect(await outcome(digestedBody(Readable.from([Buffer.from('pla'), Buffer.from('za')]), sha256))).toEqual(Buffer.from('plaza'));
  });

  it.each(['', 'plaz', 'plaza!', 'Plaza'])('fails at its end when it is another: %j', async (text) => {
    expect(await outcome(digestedBody(Readable.from([Buffer.from(text)]), sha256))).toBe('digest.mismatch');
  });

  it('ends its source when nobody wants it any more', async () => {
    const source = new Readable({ read: () => undefined });
    const closed = new Promise((resolve) => source.once('close', resolve));
    digestedBody(source, sha256).destroy();
    await closed;
  });
});
