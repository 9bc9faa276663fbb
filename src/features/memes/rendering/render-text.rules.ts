import { notFound } from '../../../platform/errors/house.errors.js';

/** What a picture is sent as; also the ending of its address. */
export type RenderFormat = 'png' | 'jpg' | 'webp';
export const MEDIA_TYPES: Readonly<Record<RenderFormat, string>> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' };
export const RENDER_FORMATS = Object.keys(MEDIA_TYPES) as readonly RenderFormat[];

/** A captioned picture: the template by name or id, and the words on it. */
export interface Caption {
  readonly template: string;
  readonly upper: string;
  readonly lower: string;
}

const EMPTY = '_';
/**
 * Characters that clients, proxies or the router would not leave alone in a segment, however they are
 * percent-encoded: `/` ends it, a segment of dots is collapsed, and a line break matches no pattern.
 */
const BY_TILDE: Readonly<Record<string, string>> = { s: '/', '~': '~', '.': '.', n: '\n', r: '\r', l: '\u2028', p: '\u2029' };
const TO_TILDE = new Map(Object.entries(BY_TILDE).filter(([, character]) => character !== '.').map(([letter, character]) => [character, `~${letter}`]));

/**
 * A text as a segment of a path, percent-encoded. A space is `_`, an underscore `__`, a slash `~s`, no text at
 * all `_` alone; a tilde is `~~`. A space before another space or an underscore is `%20`, as `__` would be read
 * as an underscore. Halves of surrogate pairs become U+FFFD: no address can hold them.
 */
export function encodeText(text: string): string {
  if (text === '') return EMPTY;
  const spelled = text
    .toWellFormed()
    .replace(/_/g, '__')
    .replace(/ (?![ _])/g, '_')
    .replace(/[/~\n\r\u2028\u2029]/gu, (character) => TO_TILDE.get(character)!);
  return spelled === EMPTY ? '%20' : encodeURIComponent(spelled).replace(/^\.+$/, (dots) => `~${dots}`);
}

/**
 * The text of a segment, which the router has percent-decoded already. Whatever is not spelled as
 * {@link encodeText} does, such as a bare space or a tilde before any other letter, stands for itself.
 */
export function decodeText(segment: string): string {
  if (segment === EMPTY) return '';
  return segment.replace(/__|_|~[s~.nrlp]/g, (spelling) => (spelling === '__' ? '_' : spelling === '_' ? ' ' : BY_TILDE[spelling[1]!]!));
}

/** The address of the picture with its words, below the origin. */
export function renderPath({ template, upper, lower, ext }: Caption & { readonly ext: RenderFormat }): string {
  return `/api/memes/render/${encodeText(template)}/${encodeText(upper)}/${encodeText(lower)}.${ext}`;
}

/** @throws notFound for an ending that no picture has */
export function formatOf(ext: string): RenderFormat {
  const format = RENDER_FORMATS.find((one) => one === ext);
  if (format === undefined) throw notFound();
  return format;
}
