import { expect, it } from '@jest/globals';
import sharp from 'sharp';
import { scannedCode } from '../../../../test/support/qr-codes.js';
import { passPicture } from './pass-picture.js';

async function scanned(svg: string, scale = 1): Promise<string | undefined> {
  return scannedCode(await sharp(Buffer.from(svg), { density: 72 * scale }).ensureAlpha().raw().toBuffer({ resolveWithObject: true }));
}

it.each([['a short text', 'A'], ['a pass', 'eyJhbGciOiJFZERTQSJ9.'.padEnd(440, 'Aa0-_.')], ['a long one', 'z'.repeat(1200)]])('a scanner reads %s', async (_, content) => {
  expect(await scanned(passPicture(content, ['A-07', 'Harbour']))).toBe(content);
  expect(await scanned(passPicture(content, ['A-07', 'Harbour']), 2)).toBe(content);
});

it('is black on white in the dark as well, four modules of white around the code', async () => {
  const svg = passPicture('A', []);
  expect(svg).not.toContain('prefers-color-scheme');
  const { data, info } = await sharp(Buffer.from(svg)).flatten({ background: '#000' }).greyscale().raw().toBuffer({ resolveWithObject: true });
  const pixels = [...data];
  const isDark = (x: number, y: number) => pixels[y * info.width + x]! < 128;
  const rows = Array.from({ length: info.height }, (_, y) => y).filter((y) => Array.from({ length: info.width }, (_, x) => x).some((x) => isDark(x, y)));
  const columns = Array.from({ length: info.width }, (_, x) => x).filter((x) => Array.from({ length: info.height }, (_, y) => y).some((y) => isDark(x, y)));
  expect([rows[0], columns[0], info.width - 1 - columns.at(-1)!, info.height - 1 - rows.at(-1)!]).toEqual([16, 16, 16, 32]);
});

it('texts are texts, whatever is in them', async () => {
  const svg = passPicture('A', ['<script>&"\'</script>', '🅿️ Tiefgarage', '\u0000\ud800']);
  expect(svg).toContain('&lt;script&gt;&amp;&quot;&#39;&lt;/script&gt;');
  expect(svg).toContain('🅿️ Tiefgarage');
  expect(svg).not.toMatch(/<script|\u0000/);
  expect(await scanned(svg)).toBe('A');
});

it.each([['', ''], ['A-07', 'A-07'], ['W'.repeat(200), /^W+…$/], ['停'.repeat(200), /^停+…$/]])('a line fits below the code: %s', (line, shown) => {
  const svg = passPicture('A'.repeat(440), [line]);
  expect(svg).toContain(`<title id="title">${line}</title>`);
  const [, size, text] = /font-size="([\d.]+)"[^>]*>([^<]*)<\/text>/.exec(svg)!;
  expect(text).toMatch(shown);
  expect(Number(size)).toBeGreaterThanOrEqual(9);
  expect(Number(size)).toBeLessThanOrEqual(20);
});
