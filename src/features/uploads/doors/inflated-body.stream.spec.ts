import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { encodingUnsupported } from './doors.errors.js';
import { INFLATE_FLOOR_BYTES, inflatedBody } from './inflated-body.stream.js';

const PACK = { gzip: gzipSync, br: brotliCompressSync };
const encodings = ['gzip', 'br'] as const;

/** In pieces of 1,000 bytes. */
const sent = (bytes: Buffer): Readable => Readable.from(Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, at) => bytes.subarray(at * 1_000, (at + 1) * 1_000)));
const outcome = (body: Readable) => buffer(body).catch((error: { code?: string }) => error.code);

describe.each(encodings)('a body packed by %s', (encoding) => {
  const bytes = Buffer.concat([randomBytes(50_000), Buffer.alloc(50_000, 'plaza ')]);

  it('is unpacked', async () => {
    expect(await outcome(inflatedBody(sent(PACK[encoding](bytes)), encoding))).toEqual(bytes);
    expect(await outcome(inflatedBody(sent(PACK[encoding](Buffer.alloc(0))), ` ${encoding.toUpperCase()} `))).toEqual(Buffer.alloc(0));
  });

  it('fails when it is cut off, at whatever byte', async () => {
    const packed = PACK[encoding](Buffer.from('some text'));
    for (let length = 0; length < packed.length; length += 1) expect([length, await outcome(inflatedBody(sent(packed.subarray(0, length)), encoding))]).toEqual([length, 'encoding.invalid']);
  });

  it('fails when it was altered, or is something else', async () => {
    expect(await outcome(inflatedBody(sent(Buffer.from('not packed at all')), encoding))).toBe('encoding.invalid');
    if (encoding === 'gzip') {
      const packed = gzipSync(bytes);
      packed[packed.length - 6]! ^= 1;
      expect(await outcome(inflatedBody(sent(packed), encoding))).toBe('encoding.invalid');
    }
  });

  it.each([1, 5_000])('fails when it goes on after its end, by %i bytes', async (surplus) => {
    expect(await outcome(inflatedBody(sent(Buffer.concat([PACK[encoding](bytes), Buffer.alloc(surplus, 'x')])), encoding))).toBe('encoding.invalid');
  });

  it('may grow a lot while it is small, and no more than 100 times when it is not', async () => {
    expect(await outcome(inflatedBody(sent(PACK[encoding](Buffer.alloc(INFLATE_FLOOR_BYTES))), encoding))).toHaveLength(INFLATE_FLOOR_BYTES);
    expect(await outcome(inflatedBody(sent(PACK[encoding](Buffer.alloc(INFLATE_FLOOR_BYTES + 1))), encoding))).toBe('file.bomb');
    expect(await outcome(inflatedBody(sent(PACK[encoding](Buffer.alloc(64 * INFLATE_FLOOR_BYTES))), encoding))).toBe('file.bomb');
    const dense = Buffer.concat([randomBytes(200_000), Buffer.alloc(10_000_000)]);
    expect(await outcome(inflatedBody(sent(PACK[encoding](dense)), encoding))).toHaveLength(dense.length);
  });

  it('fails as its source does, and ends it when nobody wants it any more', async () => {
    const source = new Readable({ read: () => undefined });
    const failed = outcome(inflatedBody(source, encoding));
    source.destroy(encodingUnsupported());
    expect(await failed).toBe('encoding.unsupported');
    const endless = new Readable({ read: () => undefined });
    const inflated = inflatedBody(endless, encoding).on('error', () => undefined);
    const closed = new Promise((resolve) => endless.once('close', resolve));
    inflated.destroy();
    await closed;
  });
});

describe('a body', () => {
  it.each([undefined, 'identity', 'Identity '])('that is not packed (%s) is itself', (encoding) => {
    const body = sent(Buffer.from('x'));
    expect(inflatedBody(body, encoding)).toBe(body);
  });

  it.each(['deflate', 'zstd', 'gzip, br', 'compress', '', 'nonsense'])('packed by %j is refused', (encoding) => {
    let error: unknown;
    try {
      inflatedBody(sent(Buffer.from('x')), encoding);
    } catch (thrown) {
      error = thrown;
    }
    expect(encodingUnsupported.matches(error)).toBe(true);
  });
});
