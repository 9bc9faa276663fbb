import type { Sharp } from 'sharp';
import type { Size } from './render-layout.rules.js';
import type { RenderFormat } from './render-text.rules.js';

/** What words are put on. */
export interface Picture {
  /** Another picture has another. */
  readonly version: string;
  readonly size: Size;
  /** Reads it; call it only when it is drawn on. */
  open(): Promise<Sharp>;
}

/** What is to be drawn on a picture. */
export interface Painting {
  readonly upper: string;
  readonly lower: string;
  readonly format: RenderFormat;
  /** In pixels; by default as wide as the picture, within reason. */
  readonly width?: number;
}

export interface Rendered {
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** Strong: of the bytes. */
  readonly etag: string;
}
