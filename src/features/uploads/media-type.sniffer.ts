import { fileTypeFromBuffer } from 'file-type';

const UNKNOWN = 'application/octet-stream';
const TEXT = 'text/plain';

/** Types whose files may be text from end to end and are still no plain text. */
const WRITTEN_AS_TEXT = new Set(['application/pdf', 'application/postscript', 'application/eps', 'application/rtf']);
/** Where the library knows more than is of use here: an animated PNG is a PNG to everybody. */
const KNOWN_AS = new Map([['image/apng', 'image/png']]);

/** What no text holds: control characters other than tab, line feed, form feed, carriage return and escape. */
const CONTROL = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/;

/** What may stand before the first element: white space, comments, processing instructions and a doctype. */
const BEFORE_ROOT = /^(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!doctype(?:[^>[]|\[[\s\S]*?\]\s*(?=>))*>)/i;
/** First elements that a browser would take for a page. */
const PAGE = /^<(?:!--|!doctype\s+html|(?:html|head|body|title|meta|link|base|script|style|iframe|object|embed|form|input|button|template|img|video|audio|canvas|math|a|b|br|i|p|u|h[1-6]|hr|div|span|font|table|ul|ol|li|pre|center|marquee|details)[\s/>])/i;
const DRAWING = /^<(?:[\w.-]+:)?svg[\s/>]/i;

/**
 * The type of a file as its first bytes tell it, whatever its name and its sender say.
 *
 * @param head the first HEAD_BYTES of the file, or all of it when it is shorter: nothing else counts, so that
 *   the same bytes have the same type through every door
 * @returns a media type in lower case without parameters; application/octet-stream when nothing is known
 */
export async function sniff(head: Buffer): Promise<string> {
  const markup = markupOf(head);
  // The byte order mark of UTF-16 looks like the first bytes of an MP3.
  if (markup !== undefined && wideEncodingOf(head)) return markup;
  const found = await magicOf(head);
  const text = isText(head);
  // Short signatures such as "BM" begin many a sentence: what is text is neither a picture nor a program.
  if (found !== undefined && (!text || WRITTEN_AS_TEXT.has(found))) return found;
  return markup ?? (text ? TEXT : UNKNOWN);
}

async function magicOf(head: Buffer): Promise<string | undefined> {
  // The library would inflate megabytes to see what is inside: a gzip is a gzip.
  if (head[0] === 0x1f && head[1] === 0x8b) return 'application/gzip';
  const mime = (await fileTypeFromBuffer(head))?.mime.split(';', 1)[0]!.toLowerCase();
  // XML is looked into below: it may be a drawing or a page.
  return mime === undefined || mime === 'application/xml' ? undefined : (KNOWN_AS.get(mime) ?? mime);
}

/** UTF-8 without control characters; the head may end inside a character. */
function isText(head: Buffer): boolean {
  try {
    return head.length > 0 && !CONTROL.test(new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }));
  } catch {
    return false;
  }
}

/** The kind of markup, going by its first element as browsers do; undefined when it begins otherwise. */
function markupOf(head: Buffer): string | undefined {
  const text = decoded(head).trimStart();
  if (!text.startsWith('<')) return undefined;
  let rest = text;
  let declared = /^<\?xml\s/i.test(text);
  for (let before = BEFORE_ROOT.exec(rest); before !== null; before = BEFORE_ROOT.exec(rest)) {
    if (PAGE.test(before[0]) && !before[0].startsWith('<!--')) return 'text/html';
    declared ||= /^<!doctype/i.test(before[0]);
    rest = rest.slice(before[0].length);
  }
  if (DRAWING.test(rest)) return 'image/svg+xml';
  if (PAGE.test(rest)) return declared && rest.startsWith('<!--') ? 'application/xml' : 'text/html';
  const root = /^<[A-Za-z_][^<>]*/.exec(rest)?.[0];
  if (declared || root?.includes('xmlns')) return 'application/xml';
  return text.startsWith('<!--') ? 'text/html' : undefined;
}

/** For reading the first tags only: bytes that are no UTF-8 do not hide them. */
function decoded(head: Buffer): string {
  switch (wideEncodingOf(head)) {
    case 'little-endian':
      return new TextDecoder('utf-16le').decode(head);
    case 'big-endian':
      return new TextDecoder('utf-16le').decode(Buffer.from(head.subarray(0, head.length & ~1)).swap16());
    case undefined:
      return new TextDecoder('utf-8').decode(head);
  }
}

function wideEncodingOf(head: Buffer): 'little-endian' | 'big-endian' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'little-endian';
  return head[0] === 0xfe && head[1] === 0xff ? 'big-endian' : undefined;
}
