import type { VariantKind } from '../uploads.types.js';

/** What browsers show or play in a page of their own without running anything that is in it. */
const SHOWN = new Set([
  'image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif',
  'video/mp4', 'video/webm', 'video/ogg', 'audio/mp4', 'audio/webm', 'audio/mpeg', 'audio/ogg',
]);
/** Markup and what else is text with a meaning: pages, drawings, style sheets, scripts, calendars. */
const MARKUP = /^text\/|[/+](?:html|xml)$|^multipart\/|^message\//;

/** Whether a browser may show a file of this type; every other is saved. */
export function isShown(mime: string): boolean {
  return SHOWN.has(mime);
}

/**
 * What a file is sent as. Plain text says its encoding, so that nobody guesses a dangerous one; markup says
 * nothing of what it is, for clients that overlook that it is to be saved.
 */
export function sentAs(mime: string): string {
  if (mime === 'text/plain') return 'text/plain; charset=utf-8';
  return MARKUP.test(mime) ? 'application/octet-stream' : mime;
}

/** `boat.jpeg` → `boat-thumb.webp`: variants are WebP, whatever they were made of. */
export function variantName(name: string, kind: VariantKind): string {
  return `${name.replace(/(?<=.)\.[^.]*$/, '')}-${kind}.webp`;
}

/** The name of a file in an archive: without what Windows takes in no name. */
export function archivedName(name: string): string {
  return name.replace(/[<>:"|?*]|[. ]$/g, '_');
}
