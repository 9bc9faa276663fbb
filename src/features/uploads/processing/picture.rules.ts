import type { PictureType } from '../media-type.rules.js';
import type { VariantKind } from '../uploads.types.js';

export const MAX_PIXELS = 50_000_000;
/** Its encoder takes about half a second and 33 MB for each million, and cannot be told to stop. */
const MAX_AVIF_PIXELS = 16_000_000;
/** Each frame costs time of its own, however few pixels it has. */
const MAX_FRAMES = 1_000;
export const MAX_SECONDS = 10;
/** As much as JPEG and GIF can say. One line of a PNG may be longer, and the decoder holds several whole lines. */
const MAX_SIDE = 65_535;
/** Times that a JPEG may go over its pixels; programs make about ten. */
export const MAX_SCANS = 100;

/** The longer side of each variant, in pixels at most. */
export const VARIANT_SIDE: Readonly<Record<VariantKind, number>> = { thumb: 128, small: 480, large: 1600 };
export const VARIANT_MIME = 'image/webp';

/** What the header of a picture says. Width and height are those of one frame. */
export interface PictureHeader {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Why a picture is too large to be looked at; undefined when it is not. */
export function pictureFault(type: PictureType, { width, height, frames }: PictureHeader): string | undefined {
  if (frames > MAX_FRAMES) return `${frames} frames`;
  const most = type === 'image/avif' ? MAX_AVIF_PIXELS : MAX_PIXELS;
  if (width * height * frames > most || Math.max(width, height) > MAX_SIDE) return `${width} × ${height} × ${frames} pixels`;
  return undefined;
}

/** What the decoder calls a picture of this type. */
export const FORMAT_OF: Readonly<Record<PictureType, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'heif',
};
