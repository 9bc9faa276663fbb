import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { hugePng, longGif, photoWithSecrets, pngOf, SECRETS } from '../../../../test/support/uploads-pictures.js';
import { loadConfig } from '../../../platform/config/config.js';
import { DiskStorage } from '../../../platform/storage/disk-storage.js';
import type { PictureType } from '../media-type.rules.js';
import type { Product } from '../uploads.types.js';
import { PictureCleaner } from './picture.cleaner.js';
import { pictureFault } from './picture.rules.js';

let dataDir: string;
let storage: DiskStorage;
let cleaner: PictureCleaner;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-pictures-'));
  const config = loadConfig({ NODE_ENV: 'test', DATA_DIR: dataDir, APP_SECRET: 'x'.repeat(32) });
  storage = new DiskStorage(config);
  cleaner = new PictureCleaner(storage, config);
  await cleaner.onModuleInit();
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function clean(picture: Buffer, type: PictureType, signal = new AbortController().signal): Promise<Product> {
  const file = path.join(dataDir, 'original');
  await writeFile(file, picture);
  return cleaner.clean('f', file, type, signal);
}

const stored = (storageKey: string) => buffer(storage.read(storageKey));
const objects = async () => {
  const keys: string[] = [];
  for await (const { key } of storage.list('uploads')) keys.push(key);
  return keys;
};
const scratch = () => readdir(path.join(dataDir, 'pictures'));

function picture(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 90 } } });
}

/** The JPEG with its last scan so many times more. */
function withScans(jpeg: Buffer, more: number): Buffer {
  const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const end = jpeg.length - 2;
  return Buffer.concat([jpeg.subarray(0, end), ...Array.from({ length: more }, () => jpeg.subarray(last, end)), jpeg.subarray(end)]);
}

describe('a cleaned picture', () => {
  it('may be a JPEG with previews of its own in it, and anything behind it', async () => {
    const jpeg = await picture(64, 64).jpeg({ progressive: true }).toBuffer();
    const preview = Buffer.concat([Buffer.from([0xff, 0xe5, 0x1f, 0x42]), Buffer.alloc(8_000, Buffer.from([0xff, 0xda, 0, 2]))]);
    const film = Buffer.alloc(200_000, Buffer.from([0xff, 0xda]));
    expect(await clean(Buffer.concat([jpeg.subarray(0, 2), preview, jpeg.subarray(2), film]), 'image/jpeg')).toMatchObject({ width: 64, height: 64 });
  });

  it.each(['png', 'jpeg', 'gif', 'webp', 'avif'] as const)('stays %s, and equal files become equal files', async (format) => {
    const original = await picture(600, 300).toFormat(format).toBuffer();
    const product = await clean(original, `image/${format}`);
    expect(product).toMatchObject({ width: 600, height: 300 });
    expect(await sharp(await stored(product.served.storageKey)).metadata()).toMatchObject({ format: format === 'avif' ? 'heif' : format, width: 600, height: 300 });
    const again = await clean(original, `image/${format}`);
    expect(again.served.storageKey).not.toBe(product.served.storageKey);
    const hashes = ({ served, variants }: Product) => [served, ...variants].map(({ sha256, size }) => ({ sha256, size }));
    expect(hashes(again)).toEqual(hashes(product));
    expect(await scratch()).toEqual([]);
  });

  it('has variants in WebP that fit inside and are never larger than it is', async () => {
    const { variants } = await clean(await picture(800, 200).png().toBuffer(), 'image/png');
    expect(variants.map(({ kind, mime, width, height }) => ({ kind, mime, width, height }))).toEqual([
      { kind: 'thumb', mime: 'image/webp', width: 128, height: 32 },
      { kind: 'small', mime: 'image/webp', width: 480, height: 120 },
      { kind: 'large', mime: 'image/webp', width: 800, height: 200 },
    ]);
    for (const { storageKey, size, width, height } of variants) {
      const bytes = await stored(storageKey);
      expect(bytes.length).toBe(size);
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width, height });
    }
  });

  it('is turned as its EXIF says, and nothing else of its metadata is left in any byte', async () => {
    const original = await photoWithSecrets();
    expect(SECRETS.every((secret) => original.includes(secret))).toBe(true);
    const product = await clean(original, 'image/jpeg');
    expect(product).toMatchObject({ width: 40, height: 80 });
    for (const { storageKey } of [product.served, ...product.variants]) {
      const bytes = await stored(storageKey);
      expect(SECRETS.filter((secret) => bytes.includes(secret))).toEqual([]);
      const { exif, xmp, iptc, icc, comments, orientation } = await sharp(bytes).metadata();
      expect({ exif, xmp, iptc, icc, comments, orientation }).toEqual({});
    }
    // Red was on the left, and the EXIF turns it to the top.
    const { data } = await sharp(await stored(product.served.storageKey)).raw().toBuffer({ resolveWithObject: true });
    expect(data[0]).toBeGreaterThan(200);
    expect(data.at(-3)).toBeLessThan(50);
  });

  it.each(['gif', 'webp'] as const)('stays animated: %s', async (format) => {
    const frames = Buffer.concat([255, 128, 0].map((level) => Buffer.alloc(20 * 10 * 3, level)));
    const original = await sharp(frames, { raw: { width: 20, height: 30, channels: 3, pageHeight: 10 } }).toFormat(format, { delay: [100, 200, 300], loop: 2 }).toBuffer();
    const product = await clean(original, `image/${format}`);
    expect(product).toMatchObject({ width: 20, height: 10 });
    expect(await sharp(await stored(product.served.storageKey)).metadata()).toMatchObject({ pages: 3, delay: [100, 200, 300], loop: 2, width: 20, height: 10 });
    expect(product.variants.map(({ width, height }) => ({ width, height }))).toEqual(Array.from({ length: 3 }, () => ({ width: 20, height: 10 })));
  });
});

describe('a picture that is refused', () => {
  afterEach(async () => {
    expect(await objects()).toEqual([]);
    expect(await scratch()).toEqual([]);
  });

  it('has more than 50 megapixels', async () => {
    const png = hugePng();
    expect(png.length).toBeLessThanOrEqual(600_000);
    await expect(clean(png, 'image/png')).rejects.toMatchObject({ code: 'file.image-too-large', message: expect.stringContaining('14000 × 14000') });
  });

  it('is longer than any JPEG can be', async () => {
    await expect(clean(pngOf(50_000_000, 1), 'image/png')).rejects.toMatchObject({ code: 'file.image-too-large', message: expect.stringContaining('50000000 × 1') });
  });

  it('is an AVIF of more than 16 megapixels, whose encoder does not stop in time', () => {
    expect(pictureFault('image/avif', { width: 4_000, height: 4_000, frames: 1 })).toBeUndefined();
    expect(pictureFault('image/avif', { width: 4_000, height: 4_001, frames: 1 })).toBe('4000 × 4001 × 1 pixels');
    expect(pictureFault('image/webp', { width: 4_000, height: 4_001, frames: 1 })).toBeUndefined();
  });

  it('goes over its pixels more than a hundred times', async () => {
    const original = await picture(64, 64).jpeg({ progressive: true }).toBuffer();
    await expect(clean(withScans(original, 100), 'image/jpeg')).rejects.toMatchObject({ code: 'file.image-too-large', message: 'more than 100 scans' });
  });

  it('has more than a thousand frames', async () => {
    await expect(clean(longGif(100_000), 'image/gif')).rejects.toMatchObject({ code: 'file.image-too-large', message: '100000 frames' });
  });

  it.each(['jpeg', 'png', 'gif', 'webp', 'avif'] as const)('was cut: %s', async (format) => {
    const noise = sharp({ create: { width: 300, height: 300, channels: 3, background: 'red', noise: { type: 'gaussian', mean: 128, sigma: 60 } } });
    const whole = await noise.toFormat(format).toBuffer();
    await expect(clean(whole.subarray(0, Math.floor(whole.length / 2)), `image/${format}`)).rejects.toMatchObject({ code: 'file.image-corrupt' });
  });

  it('is only a signature', async () => {
    await expect(clean(Buffer.from('GIF89a\0\0\0'), 'image/gif')).rejects.toMatchObject({ code: 'file.image-corrupt' });
  });

  it('is another type than its first bytes say', async () => {
    await expect(clean(await picture(9, 9).png().toBuffer(), 'image/jpeg')).rejects.toMatchObject({ code: 'file.image-corrupt', message: 'it is png, not image/jpeg' });
  });

  it('is not wanted any more', async () => {
    await expect(clean(await picture(9, 9).png().toBuffer(), 'image/png', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

it('a picture that is gone is not called corrupt, and one that could not be stored neither', async () => {
  await expect(cleaner.clean('f', path.join(dataDir, 'gone.png'), 'image/png', new AbortController().signal)).rejects.not.toMatchObject({ name: 'Rejection' });
  await writeFile(path.join(dataDir, 'files'), 'no folder');
  await expect(clean(await picture(9, 9).png().toBuffer(), 'image/png')).rejects.not.toMatchObject({ name: 'Rejection' });
});

it('half-made pictures that a killed process left are removed at the next start', async () => {
  const [old, fresh] = ['picture-old', 'picture-new'].map((name) => path.join(dataDir, 'pictures', name));
  for (const left of [old!, fresh!]) await mkdir(left);
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(old!, longAgo, longAgo);
  await cleaner.onModuleInit();
  expect(await scratch()).toEqual(['picture-new']);
});
