import { base64Invalid } from './doors.errors.js';

/** A multiple of 4, so that each slice stands for whole bytes; 48 KiB of them, which take well under a millisecond. */
const SLICE = 64 * 1024;

/** The longest media type with its parameters that a data URL may begin with. */
const DATA_URL = /^data:[^,]{0,255};base64,/i;

/** The base64 in a data URL, or the text itself. */
export function base64Of(data: string): string {
  return data.slice(DATA_URL.exec(data)?.[0].length ?? 0);
}

/** How many bytes a base64 text of this length stands for, if it is one. */
export function decodedBytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}

/**
 * Decodes base64 (RFC 4648 §4) a slice at a time, so that a large text holds nobody up.
 *
 * @throws base64Invalid for foreign characters, missing or surplus padding, and bits that stand for nothing
 */
export function* decoded(text: string): Generator<Buffer> {
  if (text.length % 4 !== 0) throw base64Invalid();
  for (let at = 0; at < text.length; at += SLICE) {
    const slice = text.slice(at, at + SLICE);
    const bytes = Buffer.from(slice, 'base64');
    const isLast = at + SLICE >= text.length;
    // Node decodes whatever it is given. What is strictly base64 comes out of the encoder as it went in, and
    // only the end of the text is padded.
    if (bytes.toString('base64') !== slice || (!isLast && slice.endsWith('='))) throw base64Invalid();
    yield bytes;
  }
}
