import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';
import { buffer } from 'node:stream/consumers';
import { sniff } from './media-type.sniffer.js';

const HEAD_BYTES = 65_536;
const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

function zip(...names: string[]): Promise<Buffer> {
  const file = new ZipFile();
  for (const name of names) file.addBuffer(Buffer.from(name), name);
  file.end();
  return buffer(file.outputStream);
}

function tar(name: string): Promise<Buffer> {
  const file = pack();
  file.entry({ name }, 'hello');
  file.finalize();
  return buffer(file);
}

describe('the type of a file', () => {
  it.each([
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['gif', 'image/gif'],
    ['webp', 'image/webp'],
    ['avif', 'image/avif'],
    ['tiff', 'image/tiff'],
  ] as const)('is seen in a picture: %s', async (format, mime) => {
    expect(await sniff(await picture().toFormat(format).toBuffer())).toBe(mime);
  });

  it('is seen in archives', async () => {
    expect(await sniff(await zip('a.txt'))).toBe('application/zip');
    expect(await sniff(await zip())).toBe('application/zip');
    expect(await sniff(await tar('a.txt'))).toBe('application/x-tar');
    expect(await sniff(await tar('<svg '))).toBe('application/x-tar');
    expect(await sniff(gzipSync(await tar('a.txt')))).toBe('application/gzip');
  });

  it.each([
    ['a drawing', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['a drawing after everything that may come first', '\ufeff \n<?xml version="1.0"?>\n<!-- <html> -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x" [\n<!ENTITY a "b">\n]>\n<svg>', 'image/svg+xml'],
    ['a drawing under a prefix', '<?xml version="1.0"?><a:svg xmlns:a="http://www.w3.org/2000/svg"><script/></a:svg>', 'image/svg+xml'],
    ['a page', '<!doctype html><title>x</title>', 'text/html'],
    ['a page in capitals', '\r\n  <HTML><SCRIPT>alert(1)</SCRIPT>', 'text/html'],
    ['a page after a comment', '<!-- x --><!-- y --><script>alert(1)</script>', 'text/html'],
    ['a page in XML', '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="http://www.w3.org/1999/xhtml"/>', 'text/html'],
    ['a comment without end', `<!-- ${'x'.repeat(HEAD_BYTES)}`, 'text/html'],
    ['other XML', '<?xml version="1.0"?><rss version="2.0"/>', 'application/xml'],
    ['other XML without declaration', '<feed xmlns="http://www.w3.org/2005/Atom">', 'application/xml'],
    ['text', 'Grüße\tan alle\r\n', 'text/plain'],
    ['text with a tag in it', 'press <b>here</b>', 'text/plain'],
    ['text beginning with an arrow', '<3 you', 'text/plain'],
    ['text beginning like a bitmap', 'BMW builds cars', 'text/plain'],
    ['text beginning like a picture', 'GIF89a=1;alert(1)//', 'text/plain'],
    ['a PDF that is text', '%PDF-1.4\n1 0 obj\n', 'application/pdf'],
    ['nothing known', '\u0001\u0002\u0003 four', 'application/octet-stream'],
    ['nothing', '', 'application/octet-stream'],
  ])('is seen in %s', async (_, content, mime) => {
    expect(await sniff(Buffer.from(content))).toBe(mime);
  });

  it('is seen in markup of another encoding', async () => {
    expect(await sniff(utf16('<svg onload="x">'))).toBe('image/svg+xml');
    expect(await sniff(utf16('<script>x</script>').swap16())).toBe('text/html');
    expect(await sniff(Buffer.from('<html>Grüße', 'latin1'))).toBe('text/html');
    expect(await sniff(Buffer.from('Grüße', 'latin1'))).toBe('application/octet-stream');
  });

  it('is text although the head ends inside a character', async () => {
    const text = Buffer.from('€'.repeat(HEAD_BYTES));
    for (const length of [HEAD_BYTES, HEAD_BYTES - 1, HEAD_BYTES - 2]) expect(await sniff(text.subarray(0, length))).toBe('text/plain');
  });

  it('is the same each time, and something, for any bytes', async () => {
    const signatures = ['', 'PK\u0003\u0004', 'GIF89a', 'ID3', 'RIFF', '<?xml ', '<!doctype ', '\u0000\u0000\u0000\u0018ftyp', '\u001aE\u00df\u00a3', '\u0089PNG\r\n\u001a\n', 'II*\u0000', 'OggS', '0&\u00b2u'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 300 }), async (signature, rest) => {
        const head = Buffer.concat([Buffer.from(signature, 'latin1'), rest]);
        const mime = await sniff(head);
        expect(mime).toMatch(/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/);
        expect(await sniff(Buffer.from(head))).toBe(mime);
      }),
      { numRuns: 500 },
    );
  });
});
