import { createHash } from 'node:crypto';
import type { Size } from './render-layout.rules.js';

/** The template that is always there: one calm colour. */
export const BLANK = 'blank';
/** White letters stand out on it even without their outline. */
const BLANK_COLOUR: Colour = [64, 76, 92];

export const BACKGROUND_SIZE: Size = { width: 800, height: 600 };

const RAYS = 10;

type Colour = readonly [red: number, green: number, blue: number];

/**
 * What stands behind the words of a template without a picture: rays of two shades of one colour, the same for
 * the same name. Three bytes a pixel, row by row.
 */
export function plainBackground(name: string): Uint8Array {
  if (name === BLANK) return painted(() => 0, BLANK_COLOUR, BLANK_COLOUR);
  const [hueByte = 0, turnByte = 0] = createHash('sha256').update(name).digest();
  const hue = (hueByte / 256) * 360;
  const turn = (turnByte / 256) * Math.PI;
  return painted((x, y) => shareOfLight(Math.atan2(y, x) + turn, Math.hypot(x, y)), colourOf(hue, 0.48, 0.42), colourOf(hue + 14, 0.52, 0.55));
}

/** How much of the light colour is at a place seen from the middle, from 0 to 1: borders of rays are a pixel soft. */
function shareOfLight(angle: number, distance: number): number {
  const rays = (angle * RAYS) / Math.PI;
  const inRay = rays - Math.floor(rays);
  const toBorder = (Math.min(inRay, 1 - inRay) * Math.PI * distance) / RAYS;
  return Math.floor(rays) % 2 === 0 ? Math.min(1, 0.5 + toBorder) : Math.max(0, 0.5 - toBorder);
}

/** @param lightAt how much of the light colour is at an offset from the middle */
function painted(lightAt: (x: number, y: number) => number, dark: Colour, light: Colour): Uint8Array {
  const { width, height } = BACKGROUND_SIZE;
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0, y = (1 - height) / 2; y < height / 2; y += 1) {
    for (let x = (1 - width) / 2; x < width / 2; x += 1) {
      const share = lightAt(x, y);
      pixels[at++] = dark[0] + (light[0] - dark[0]) * share;
      pixels[at++] = dark[1] + (light[1] - dark[1]) * share;
      pixels[at++] = dark[2] + (light[2] - dark[2]) * share;
    }
  }
  return pixels;
}

/** Hue in degrees, saturation and lightness from 0 to 1 (CSS Color 4, §7.1). */
function colourOf(hue: number, saturation: number, lightness: number): Colour {
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const k = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
