import { describe, expect, it } from '@jest/globals';
import { MemeFileError, openMemeFile, readMemeFile, type FileRow } from './meme-file.reader.js';

const HEADER = 'Meme ID\tArchived URL\tBase Meme Name\tAlternate Text\tUpper Text\tLower Text';
const plain = (id: number, caption = `caption ${id}`) => `${id}\thttps://example.org/${id}.jpg\tPlant\t${caption}\tup\tlow`;
const fileOf = (...rows: string[]) => [HEADER, ...rows, ''].join('\r\n');

/** Reads `bytes` in pieces of `size`, so that a piece may end inside a character or a line break. */
async function read(bytes: string | Uint8Array, size = 7): Promise<FileRow[]> {
  const whole = Buffer.from(bytes as string);
  const rows: FileRow[] = [];
  async function* pieces() {
    for (let at = 0; at < whole.length; at += size) yield Promise.resolve(whole.subarray(at, at + size));
  }
  for await (const row of readMemeFile(pieces())) rows.push(row);
  return rows;
}

const outcome = (rows: readonly FileRow[]) => rows.map((row) => ('fault' in row ? [row.line, row.fault] : [row.line, row.meme.externalId]));

describe('reading a meme file', () => {
  const text = fileOf(plain(1, 'Zoë 😀 говорит'), plain(2, '"one\ttwo"'));
  const bigEndian = (value: string) => Buffer.from(value, 'utf16le').swap16();

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16LE with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16LE without one', Buffer.from(text, 'utf16le')],
    ['UTF-16BE with a mark', bigEndian(`\uFEFF${text}`)],
    ['UTF-16BE without one', bigEndian(text)],
  ])('understands %s, cut anywhere', async (_, bytes) => {
    for (const size of [1, 5, 64, 10_000]) {
      const rows = await read(bytes, size);
      expect(rows.map((row) => ('meme' in row ? row.meme.caption : row.fault))).toEqual(['Zoë 😀 говорит', 'one\ttwo']);
    }
  });

  it('takes line breaks of any kind, blank lines, and no break at the end', async () => {
    expect(outcome(await read(`${HEADER}\n${plain(1)}\r\n\r\n\n${plain(2)}`))).toEqual([[2, '1'], [5, '2']]);
  });

  it('keeps line breaks inside quotes', async () => {
    const [row] = await read(fileOf(plain(1, '"first\r\nsecond\nthird"')));
    expect(row).toMatchObject({ meme: { caption: 'first\r\nsecond\nthird' } });
  });

  it('loses only the row whose quote is never closed', async () => {
    const rows = await read(fileOf(plain(1), plain(2, '"oh'), plain(3), plain(4, '"closed"'), plain(5)));
    expect(outcome(rows)).toEqual([[2, '1'], [3, 'quote is never closed'], [4, '3'], [5, '4'], [6, '5']]);
  });

  it('loses only that row when nothing ever closes the quote', async () => {
    const rows = await read(fileOf(plain(1, '"oh'), ...Array.from({ length: 40 }, (_, i) => plain(i + 2))));
    expect(outcome(rows).slice(0, 2)).toEqual([[2, 'quote is never closed'], [3, '2']]);
    expect(rows).toHaveLength(41);
  });

  it.each([
    ['inside a cell', plain(2).slice(0, 20)],
    ['inside quotes', '2\thttps://example.org\t"Pla'],
  ])('tells a row that was cut off %s', async (_, last) => {
    expect(outcome(await read(`${HEADER}\r\n${plain(1)}\r\n${last}`))).toEqual([[2, '1'], [3, 'row is cut off at the end of the file']]);
  });

  it('tells half a character at the end', async () => {
    const bytes = Buffer.from(`\uFEFF${HEADER}\n${plain(1)}`, 'utf16le');
    expect(outcome(await read(bytes.subarray(0, -1)))).toEqual([[2, 'text is not valid in the encoding of the file']]);
  });

  it('does not keep an endless line', async () => {
    const rows = await read(fileOf(plain(1), 'x'.repeat(300_000), plain(2), plain(3, `"${'y'.repeat(150_000)}`), plain(4)), 10_000);
    expect(outcome(rows)).toEqual([[2, '1'], [3, 'row is too long'], [4, '2'], [5, 'row is too long'], [6, '4']]);
  });

  it.each([
    ['an empty file', '', /is empty/],
    ['a mark and nothing else', '\uFEFF', /is empty/],
    ['another table', 'name,age\nAda,36\n', /missing: Meme ID, Archived URL/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff, 0xfe]), /missing: Meme ID/],
  ])('refuses %s', async (_, bytes, message) => {
    const reading = read(bytes);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toBeInstanceOf(MemeFileError);
  });

  it.each([
    ['a file that is not there', `${import.meta.dirname}/nowhere.tsv`, /there is no such file/],
    ['a folder', import.meta.dirname, /is not a file/],
  ])('refuses %s', async (_, path, message) => {
    await expect(openMemeFile(path)).rejects.toThrow(message);
  });
});
