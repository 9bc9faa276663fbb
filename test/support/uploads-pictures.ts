import { deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** What must be in no byte of a picture that is served. */
export const SECRETS = ['Exif', 'GPS-SECRET', '<script>alert(1)</script>'];

/** A PNG of 14,000 × 14,000 pixels that is small: one colour packs well. */
export const hugePng = (): Buffer => pngOf(14_000, 14_000);

/** A black PNG, one bit a pixel, with these chunks besides. */
export function pngOf(width: number, height: number, chunks: readonly (readonly [type: string, data: Buffer])[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  const all = [['IHDR', header], ...chunks, ['IDAT', pixels], ['IEND', Buffer.alloc(0)]] as const;
  return Buffer.concat([Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'), ...all.map(([type, data]) => pngChunk(type, data))]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crcOf(body));
  return Buffer.concat([length, body, check]);
}

function crcOf(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A GIF of one pixel with so many frames. */
export function longGif(frames: number): Buffer {
  const head = Buffer.from([...Buffer.from('GIF89a'), 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
  const frame = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/**
 * A JPEG of 80 × 40, red on the left and blue on the right, to be turned by 90°, with an author and a place in
 * its EXIF and a script in a comment.
 */
export async function photoWithSecrets(): Promise<Buffer> {
  const red = await sharp({ create: { width: 40, height: 40, channels: 3, background: 'red' } }).png().toBuffer();
  const photo = await sharp({ create: { width: 80, height: 40, channels: 3, background: 'blue' } })
    .composite([{ input: red, left: 0, top: 0 }])
    .withMetadata({ orientation: 6 })
    .withExifMerge({ IFD0: { Artist: 'GPS-SECRET' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
    .jpeg()
    .toBuffer();
  const comment = Buffer.from('<script>alert(1)</script>');
  const segment = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([photo.subarray(0, 2), segment, comment, photo.subarray(2)]);
}
