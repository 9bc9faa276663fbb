import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { CaptionPainter } from './caption.painter.js';
import { captionBoxes, type Size } from './render-layout.rules.js';
import type { Painting } from './render.types.js';

const painter = new CaptionPainter();
const BACKGROUND = 0x5a783c;

const plain = ({ width, height }: Size): Sharp => sharp({ create: { width, height, channels: 3, background: `#${BACKGROUND.toString(16)}` } });

/** Colours as numbers, 0xRRGGBB, row by row. */
interface Pixels extends Size { colours: Uint32Array; at: (x: number, y: number) => number }

async function pixelsOf(picture: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(picture).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const colours = Uint32Array.from({ length: width * height }, (_, n) => data.readUIntBE(n * 3, 3));
  return { width, height, colours, at: (x, y) => colours[y * width + x]! };
}

const paint = async (size: Size, words: Partial<Painting>): Promise<Pixels> => pixelsOf(await painter.paint(plain(size).png(), size, { upper: '', lower: '', format: 'png', ...words }));

const channelsOf = (colour: number): [number, number, number] => [colour >> 16, (colour >> 8) & 255, colour & 255];

/** Where pixels are not the background's: left, top, and right and bottom included; undefined for nowhere. */
function inkOf({ width, height, at }: Pixels): { left: number; top: number; right: number; bottom: number } | undefined {
  const ink = { left: width, top: height, right: -1, bottom: -1 };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (at(x, y) === BACKGROUND) continue;
      [ink.left, ink.top, ink.right, ink.bottom] = [Math.min(ink.left, x), Math.min(ink.top, y), Math.max(ink.right, x), Math.max(ink.bottom, y)];
    }
  }
  return ink.right === -1 ? undefined : ink;
}

/** Groups of light pixels that touch: letters of one piece. */
function lettersIn({ width, colours }: Pixels): number {
  const light = Array.from(colours, (colour) => Math.min(...channelsOf(colour)) > 150);
  let letters = 0;
  for (let start = 0; start < light.length; start += 1) {
    if (!light[start]) continue;
    letters += 1;
    const open = [start];
    while (open.length > 0) {
      const place = open.pop()!;
      if (!light[place]) continue;
      light[place] = false;
      for (const next of [place - width, place + width, place - 1, place + 1]) if (light[next]) open.push(next);
    }
  }
  return letters;
}

describe('words on a picture', () => {
  const size = { width: 400, height: 300 };

  it('leave it as it is where there are none, or none with a shape', async () => {
    for (const upper of ['', ' ', '\n', '\u0000\u0007', '\u200b', '\u3000', '\u00ad\u2060']) expect(inkOf(await paint(size, { upper }))).toBeUndefined();
  });

  it('are white with a dark line around them, the upper at the top and the lower at the bottom', async () => {
    const [upper, lower] = [await paint(size, { upper: 'one does not simply' }), await paint(size, { lower: 'one does not simply' })];
    const boxes = captionBoxes(size);
    // An outline fades out.
    const isAt = (edge: number, border: number) => expect(Math.abs(edge - border)).toBeLessThanOrEqual(2);
    isAt(inkOf(upper)!.top, boxes.upper.top);
    expect(inkOf(upper)!.bottom).toBeLessThan(boxes.upper.top + boxes.upper.height);
    isAt(inkOf(lower)!.bottom, boxes.lower.top + boxes.lower.height - 1);
    expect(inkOf(lower)!.top).toBeGreaterThanOrEqual(boxes.lower.top);
    expect(upper.colours).toContain(0xffffff);
    expect(upper.colours.some((colour) => Math.max(...channelsOf(colour)) < 20)).toBe(true);
    // As much room on the left as on the right.
    const { left, right } = inkOf(upper)!;
    isAt(left, 399 - right);
  });

  it.each([1, 7, 40, 150, 250])('are all there: %i letters', async (letters) => {
    for (const shape of [size, { width: 1000, height: 200 }, { width: 240, height: 500 }]) {
      const drawn = await paint({ width: shape.width * 2, height: shape.height * 2 }, { upper: 'o '.repeat(letters), lower: 'o'.repeat(12) });
      expect(lettersIn(drawn)).toBe(letters + 12);
    }
  });

  it('are as large as there is room for, in lines as long as there is room for', async () => {
    const sizeOf = async (upper: string): Promise<Size> => {
      const { left, top, right, bottom } = inkOf(await paint(size, { upper }))!;
      return { width: right - left + 1, height: bottom - top + 1 };
    };
    const { width, height } = captionBoxes(size).upper;
    expect((await sizeOf('o')).height).toBeGreaterThan(15);
    for (const upper of ['lorem ipsum dolor '.repeat(12), 'W'.repeat(200)]) {
      const long = await sizeOf(upper);
      expect([long.width > width * 0.9, long.height > height * 0.6]).toEqual([true, true]);
    }
    expect((await sizeOf('word\n'.repeat(8))).height).toBeGreaterThan(height * 0.8);
  });

  it('stay inside and apart, whatever they are and however small the picture is', async () => {
    const words = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.string({ unit: fc.constantFrom('W', 'i', ' ', '\n', '猫', 'م', 'é', '\u0301', '😀', '\u202e', '<', '&'), maxLength: 500 }),
    );
    const side = fc.integer({ min: 5, max: 300 });
    await fc.assert(
      fc.asyncProperty(words, words, side, side, async (upper, lower, width, height) => {
        const drawn = await paint({ width, height }, { upper, lower });
        expect([drawn.width, drawn.height]).toEqual([width, height]);
        const boxes = captionBoxes(drawn);
        for (let y = 0; y < height; y += 1) {
          const isFree = y < boxes.upper.top || (y >= boxes.upper.top + boxes.upper.height && y < boxes.lower.top) || y >= boxes.lower.top + boxes.lower.height;
          for (let x = 0; x < width; x += 1) {
            if ((isFree || x < boxes.upper.left || x >= boxes.upper.left + boxes.upper.width) && drawn.at(x, y) !== BACKGROUND) throw new Error(`ink at ${x}, ${y}`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([[1, 1], [2, 3], [1, 500], [500, 1], [4, 4]])('do no harm to a picture of %i × %i', async (width, height) => {
    const drawn = await paint({ width, height }, { upper: 'x'.repeat(500), lower: 'a\n'.repeat(250) });
    expect([drawn.width, drawn.height]).toEqual([width, height]);
  });

  it('are shown as they were written when they look like markup', async () => {
    const widthOf = async (upper: string): Promise<number> => {
      const { left, right } = inkOf(await paint({ width: 1000, height: 300 }, { upper }))!;
      return right - left;
    };
    for (const [marked, bare] of [['<b>i</b>', 'i'], ['&lt;', '<'], ['<span size="1">i', 'i'], ['i<!-- -->', 'i']] as const) expect(await widthOf(marked)).toBeGreaterThan((await widthOf(bare)) * 2);
  });
});

describe('a picture', () => {
  const size = { width: 60, height: 40 };
  const bare = { upper: '', lower: '' };

  it.each([['png', 'png'], ['jpg', 'jpeg'], ['webp', 'webp']] as const)('is sent as %s', async (format, named) => {
    const { format: made, width, height } = await sharp(await painter.paint(plain(size).png(), size, { ...bare, format, width: 90 })).metadata();
    expect([made, width, height]).toEqual([named, 90, 60]);
  });

  it('stays see-through, and is white behind in a JPEG', async () => {
    const glass = () => sharp({ create: { ...size, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
    expect((await sharp(await painter.paint(glass(), size, { ...bare, format: 'png' })).stats()).channels[3]!.max).toBe(0);
    expect((await sharp(await painter.paint(plain(size), size, { ...bare, upper: 'o', format: 'png' })).metadata()).hasAlpha).toBe(false);
    const jpeg = await pixelsOf(await painter.paint(glass(), size, { ...bare, format: 'jpg' }));
    expect(jpeg.at(30, 20)).toBe(0xffffff);
  });

  it.each([
    ['grey', (picture: Sharp) => picture.toColourspace('b-w').png()],
    ['of a palette', (picture: Sharp) => picture.png({ palette: true })],
    ['of 16 bits a colour', (picture: Sharp) => picture.toColourspace('rgb16').png()],
    ['in CMYK', (picture: Sharp) => picture.toColourspace('cmyk').jpeg()],
  ])('gets its words also when it is %s', async (_, encode) => {
    const source = await encode(plain(size)).toBuffer();
    const before = await pixelsOf(source);
    const after = await pixelsOf(await painter.paint(sharp(source), size, { ...bare, upper: 'o', format: 'png' }));
    channelsOf(after.at(0, 39)).forEach((value, channel) => expect(Math.abs(value - channelsOf(before.at(0, 39))[channel]!)).toBeLessThanOrEqual(2));
    expect(inkOf(after)).toBeDefined();
    expect(lettersIn(after)).toBe(1);
  });

  it('keeps nothing but its pixels', async () => {
    const told = await plain(size).withExifMerge({ IFD0: { Artist: 'GPS-SECRET' } }).jpeg().toBuffer();
    for (const format of ['png', 'jpg', 'webp'] as const) {
      const drawn = await painter.paint(sharp(told), size, { ...bare, format });
      expect(drawn.includes('GPS-SECRET')).toBe(false);
      expect((await sharp(drawn).metadata()).exif).toBeUndefined();
    }
  });
});
