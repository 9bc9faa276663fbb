import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import sharp from 'sharp';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { manyEntries, renamed, zipOf } from '../support/uploads-archives.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';
import { hugePng, longGif, photoWithSecrets, pngOf, SECRETS } from '../support/uploads-pictures.js';

const MIB = 1024 * 1024;
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const SCRIPT = '<script>alert(1)</script>';
const SVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`;
const HTML = `<!doctype html>${SCRIPT}`;

Logger.overrideLogger(false);

const noise = (format: 'jpeg' | 'png') => sharp({ create: { width: 200, height: 200, channels: 3, background: 'red', noise: { type: 'gaussian', mean: 128, sigma: 60 } } }).toFormat(format).toBuffer();
const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2));

/** Says of itself that it unpacks to ten times a gigabyte. */
async function declaredBomb(): Promise<Buffer> {
  const files = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`${n}.bin`, Buffer.alloc(1_000)]));
  const archive = await zipOf(files);
  for (let at = archive.indexOf('PK\u0001\u0002', 0, 'latin1'); at >= 0; at = archive.indexOf('PK\u0001\u0002', at + 4, 'latin1')) archive.writeUInt32LE(1_000_000_000, at + 24);
  return archive;
}

/** Files as nobody's friend sends them: each gets its verdict, and nothing else of it is left. */
describe('a hostile file', () => {
  let plaza: UploadsHarness;
  let mia: GivenMember;

  beforeAll(async () => {
    plaza = await openUploads();
  });
  afterAll(() => plaza.close());
  afterEach(async () => {
    expect(await plaza.resting()).toEqual([]);
  });

  it.each<[string, () => Promise<Buffer> | Buffer, string]>([
    ['a PNG of 14,000 × 14,000 pixels in 600 kB', hugePng, 'file.image-too-large'],
    ['a GIF of 100,000 frames', () => longGif(100_000), 'file.image-too-large'],
    ['a JPEG that was cut', async () => half(await noise('jpeg')), 'file.image-corrupt'],
    ['a PNG that was cut', async () => half(await noise('png')), 'file.image-corrupt'],
    ['a ZIP that says it unpacks to 10 GB', declaredBomb, 'file.archive-unsafe'],
    ['a ZIP that packs a thousandfold', () => zipOf({ 'zeros.bin': Buffer.alloc(20 * MIB) }), 'file.archive-unsafe'],
    ['a ZIP with a name that leads out', async () => renamed(await zipOf({ 'xxxxxxxxx.sh': 'x' }), 'xxxxxxxxx.sh', '../../evil.s'), 'file.archive-unsafe'],
    ['a ZIP with 10,001 entries', () => manyEntries(10_001), 'file.archive-unsafe'],
    ['a ZIP that is none', () => Buffer.from('PK\u0003\u0004 and nothing more'), 'file.archive-unsafe'],
    ['the EICAR test string', () => Buffer.from(EICAR), 'file.infected'],
    ['the EICAR test string inside text', () => Buffer.from(`dear all,\n${EICAR}\nregards`), 'file.infected'],
    ['the EICAR test string inside a picture', async () => Buffer.concat([await noise('png'), Buffer.from(EICAR)]), 'file.infected'],
  ])('is rejected: %s', async (_, make, code) => {
    mia = await plaza.given.member();
    const { id } = await plaza.send(mia, await make());
    expect(await plaza.until(id, 20_000)).toMatchObject({ state: 'rejected', rejectCode: code, blobId: null, width: null, height: null, variants: [] });
    expect(await plaza.quota(mia)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    await eventually(async () => expect(await plaza.objects()).toEqual([]));
  });

  it('is kept as it is, and no picture: SVG with a script, HTML, a PDF, an archive in an archive', async () => {
    mia = await plaza.given.member();
    const inner = await zipOf({ 'zeros.bin': Buffer.alloc(20 * MIB) });
    const pdf = Buffer.from(`%PDF-1.7\n%\u00e2\u00e3\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj`, 'latin1');
    for (const [bytes, mime] of [[Buffer.from(SVG), 'image/svg+xml'], [Buffer.from(HTML), 'text/html'], [pdf, 'application/pdf'], [await zipOf({ 'inner.zip': inner }), 'application/zip']] as const) {
      const { id } = await plaza.send(mia, bytes);
      const ready = await plaza.until(id);
      expect(ready).toMatchObject({ state: 'ready', mime, width: null, height: null, variants: [] });
      expect(await plaza.served(ready)).toEqual(bytes);
      await plaza.remove(id);
    }
    await plaza.sweep();
    expect(await plaza.objects()).toEqual([]);
    expect(await plaza.quota(mia)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
  });

  it.each([
    ['SVG', SVG, 'chat'],
    ['HTML', HTML, 'chat'],
    ['SVG', SVG, 'avatar'],
    ['a PDF', '%PDF-1.7\n', 'meme'],
  ] as const)('of a type that its purpose does not take is refused at the door: %s (%#)', async (_, content, purpose) => {
    mia = await plaza.given.member();
    await expect(plaza.send(mia, Buffer.from(content), { purpose })).rejects.toMatchObject({ code: 'file.type-not-allowed' });
    expect(await plaza.quota(mia)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    expect(await plaza.objects()).toEqual([]);
  });

  it('of zero bytes is refused at the door', async () => {
    mia = await plaza.given.member();
    await expect(plaza.send(mia, Buffer.alloc(0))).rejects.toMatchObject({ code: 'file.empty' });
    expect(await plaza.quota(mia)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    expect(await plaza.objects()).toEqual([]);
  });

  it('that is a photo loses its place, its author and its script in every byte that is served, and is turned upright', async () => {
    mia = await plaza.given.member();
    const { id } = await plaza.send(mia, await photoWithSecrets(), { purpose: 'avatar' });
    const ready = await plaza.until(id);
    expect(ready).toMatchObject({ state: 'ready', mime: 'image/jpeg', width: 40, height: 80 });
    expect(ready.variants.map(({ kind }) => kind).sort()).toEqual(['large', 'small', 'thumb']);
    for (const { blobId } of [ready, ...ready.variants]) {
      const bytes = await plaza.served({ blobId });
      expect(SECRETS.filter((secret) => bytes.includes(secret))).toEqual([]);
    }
    expect(await plaza.quota(mia)).toMatchObject({ used: ready.size, reserved: 0, unfinished: 0 });
  });

  it.each([
    ['a GIF that is a program too', gifWithScript],
    ['a PNG with a page in it', pngWithPage],
  ])('that is something else besides is only a picture afterwards: %s', async (_, make) => {
    mia = await plaza.given.member();
    const bytes = make();
    expect(bytes.includes('alert(1)')).toBe(true);
    const { id } = await plaza.send(mia, bytes);
    const ready = await plaza.until(id);
    expect(ready).toMatchObject({ state: 'ready', width: expect.any(Number) });
    for (const { blobId } of [ready, ...ready.variants]) expect((await plaza.served({ blobId })).includes('alert(1)')).toBe(false);
  });
});

/** Its width and height open a comment that hides the picture from an interpreter. */
function gifWithScript(): Buffer {
  const gif = longGif(1);
  const comment = Buffer.from([0x21, 0xfe, 20, ...Buffer.from('*/=1;alert(1);//....'), 0]);
  return Buffer.concat([gif.subarray(0, -1), comment, Buffer.from([0x3b]), Buffer.from('*/=1;alert(1)//')]);
}

function pngWithPage(): Buffer {
  return Buffer.concat([pngOf(2, 2, [['tEXt', Buffer.from(`Comment\0${SCRIPT}`)]]), Buffer.from(HTML)]);
}
