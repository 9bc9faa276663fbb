import { createRequire } from 'node:module';
import { Injectable } from '@nestjs/common';
import sharp, { type OverlayOptions, type Raw, type Sharp } from 'sharp';
import { captionBoxes, drawnSize, drawnText, escapeMarkup, firstFontSize, outlineWidth, smallerFontSize, type Box, type Size } from './render-layout.rules.js';
import type { RenderFormat } from './render-text.rules.js';
import type { Painting } from './render.types.js';

/** Comes with the program: pictures look the same on every machine. */
const FONT_FILE = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf');
const FONT = 'DejaVu Sans Condensed Bold';

/** Far more than any picture takes. */
const MAX_SECONDS = 10;

const ENCODERS: Readonly<Record<RenderFormat, (picture: Sharp) => Sharp>> = {
  png: (picture) => picture.png(),
  jpg: (picture) => picture.jpeg({ quality: 85 }),
  // The usual effort takes twice as long, for a twentieth fewer bytes at best.
  webp: (picture) => picture.webp({ quality: 85, effort: 2 }),
};

/** One channel, a byte a pixel. */
interface Mask {
  readonly data: Buffer;
  readonly raw: Raw;
}

/** Draws white letters with a dark outline on pictures. */
@Injectable()
export class CaptionPainter {
  /**
   * The picture with its words: all of them, whatever their number, inside the picture and beside each other.
   *
   * @param picture its first frame is taken, and nothing but its pixels
   * @param size that of the picture
   */
  async paint(picture: Sharp, size: Size, { upper, lower, format, width }: Painting): Promise<Buffer> {
    const drawn = drawnSize(size, width);
    const boxes = captionBoxes(drawn);
    const captions = [await captionOf(upper, boxes.upper, 'top', drawn), await captionOf(lower, boxes.lower, 'bottom', drawn)];
    const { hasAlpha } = await picture.metadata();
    if (hasAlpha && format === 'jpg') picture.flatten({ background: 'white' });
    const painted = picture.resize({ ...drawn, fit: 'fill' }).composite(captions.filter((caption) => caption !== undefined));
    // Words bring an alpha channel with them.
    if (!hasAlpha) painted.removeAlpha();
    return ENCODERS[format](painted).timeout({ seconds: MAX_SECONDS }).toBuffer();
  }
}

/** Undefined for words without a shape. */
async function captionOf(words: string, box: Box, side: 'top' | 'bottom', picture: Size): Promise<OverlayOptions | undefined> {
  const text = drawnText(words);
  const fitted = text === '' ? undefined : await fittedLetters(text, box, firstFontSize(text, box, picture));
  if (!fitted) return undefined;
  const outlined = await outlinedLetters(fitted.letters, outlineWidth(fitted.fontSize));
  const { data, info } = await sharp(outlined).resize({ width: box.width, height: box.height, fit: 'inside', withoutEnlargement: true }).png({ compressionLevel: 1 }).toBuffer({ resolveWithObject: true });
  return {
    input: data,
    left: box.left + Math.floor((box.width - info.width) / 2),
    top: side === 'top' ? box.top : box.top + box.height - info.height,
  };
}

/** The letters at the largest size, from `fontSize` down, that leaves room for them and their outline; or else at the smallest. */
async function fittedLetters(text: string, box: Box, fontSize: number): Promise<{ letters: Mask; fontSize: number } | undefined> {
  const outline = 2 * outlineWidth(fontSize);
  const room = { width: Math.max(1, box.width - outline), height: Math.max(1, box.height - outline) };
  const letters = await lettersOf(text, fontSize, room.width);
  if (!letters) return undefined;
  const fits = letters.raw.width <= room.width && letters.raw.height <= room.height;
  const smaller = fits ? undefined : smallerFontSize(fontSize, letters.raw, room);
  return smaller === undefined ? { letters, fontSize } : fittedLetters(text, box, smaller);
}

/** Wrapped between words where it can be. Undefined when nothing of the text can be seen. */
async function lettersOf(text: string, fontSize: number, width: number): Promise<Mask | undefined> {
  try {
    return await maskOf(sharp({ text: { text: escapeMarkup(text), font: `${FONT} ${fontSize}`, fontfile: FONT_FILE, dpi: 72, width, align: 'centre', wrap: 'word-char' } }));
  } catch (error) {
    if (/no text to render/.test((error as Error).message)) return undefined;
    throw error;
  }
}

/** White where the letters are, black as far around them as the outline goes, and nothing elsewhere. */
async function outlinedLetters({ data, raw }: Mask, width: number): Promise<Buffer> {
  const room = { top: width, bottom: width, left: width, right: width };
  const letters = await maskOf(sharp(data, { raw }).extend({ ...room, background: 'black' }));
  // A blur has spread the letters; what it left of them as far out as the outline goes is made opaque.
  const around = await maskOf(sharp(letters.data, { raw: letters.raw }).blur(Math.max(0.5, width / 2)).linear(12, 0));
  return sharp(letters.data, { raw: letters.raw }).toColourspace('srgb').joinChannel(around.data, { raw: around.raw }).png({ compressionLevel: 1 }).toBuffer();
}

async function maskOf(picture: Sharp): Promise<Mask> {
  const { data, info } = await picture.extractChannel(0).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: 1 } };
}
