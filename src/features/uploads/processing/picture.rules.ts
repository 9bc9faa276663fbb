import type { PictureType } from '../media-type.rules.js';
import type { VariantKind } from '../uploads.types.js';

export const MAX_PIXELS = 50_000_000;
/** Each frame costs time of its own, however few pixels it has. */
export const MAX_FRAMES = 1_000;
export const MAX_SECONDS = 10;

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
export function pictureFault({ width, height, frames }: PictureHeader): string | undefined {
  if (frames > MAX_FRAMES) return `${frames} frames`;
  if (width * height * frames > MAX_PIXELS) return `${width} × ${height} × ${frames} pixels`;
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
