import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { MemeImporter } from '../../src/features/memes/importing/meme-importer.service.js';
import { importMemes } from '../../src/features/memes/importing/memes-import.command.js';
import { PlaceNames } from '../../src/features/memes/places/place-names.service.js';
import { MemeChanges } from '../../src/features/memes/meme-changes.service.js';
import { MemeFeedRepository } from '../../src/features/memes/meme-feed.repository.js';
import { MemeRepository } from '../../src/features/memes/meme.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const HEADER = 'Meme ID\tArchived URL\tBase Meme Name\tMeme Page URL\tMD5 Hash\tFile Size (In Bytes)\tAlternate Text\tDisplay Name\tUpper Text\tLower Text';
const row = (id: number | string, { template = 'Hopeful Plant', caption = `caption ${id}`, upper = 'UP', lower = 'down' } = {}) =>
  [id, `https://example.org/memes/${id}.jpg`, template, `https://example.org/${id}`, '0'.repeat(32), 1234, caption, template, upper, lower].join('\t');
const fileOf = (rows: readonly string[]) => `${[HEADER, ...rows].join('\r\n')}\r\n`;
/** As it is published: UTF-16LE with a byte order mark. */
const published = (rows: readonly string[]) => Buffer.from(`\uFEFF${fileOf(rows)}`, 'utf16le');
const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

let db: TestDatabase;
let importer: MemeImporter;
beforeAll(async () => {
  db = await openTestDatabase();
  importer = new MemeImporter(db.transactions, new MemeRepository(db.database), new MemeChanges(new MemeFeedRepository()), new PlaceNames());
});
beforeEach(() => db.truncate());
afterAll(() => db.close());

const importBytes = (bytes: Buffer | string) => importer.import(Readable.from([Buffer.from(bytes as string)]));
const stored = () => db.database.rows<Record<string, unknown>>('SELECT * FROM meme ORDER BY id');

describe('importing memes', () => {
  it('brings in every row, newest last, with its texts byte for byte', async () => {
    const texts = [
      { template: ' Two  spaces ', caption: '  Zoë 😀 ', upper: '', lower: '\u00a0e\u0301' },
      { template: 'Сова', caption: 'ПЯТЬ МИНУТ', upper: 'ПЯТЬ', lower: 'МИНУТ' },
    ];
    const report = await importBytes(published(texts.map((text, i) => row(31 + i, text))));
    expect(report).toMatchObject({ imported: 2, alreadyThere: 0, skipped: [] });
    const rows = await stored();
    expect(rows).toMatchObject(texts.map((text, i) => ({ ...text, external_id: String(31 + i), image_url: `https://example.org/memes/${31 + i}.jpg` })));
    expect(rows[0]).toMatchObject({ kind: 'normal', status: 'visible', rating: 'unrated', likes: 0, tags: '', lat: null, lon: null, created_by: null });
    expect(Math.abs((rows[0]!.created_at as Date).getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('puts a meme where the place is that its words name', async () => {
    const captions = ['RAIN AGAIN in Berlin, and no umbrella', 'nice umbrella', 'greetings from New York'];
    await importBytes(published(captions.map((caption, i) => row(1 + i, { caption }))));
    const places = (await stored()).map(({ lat, lon }) => (lat === null && lon === null ? null : [Number(lat).toFixed(1), Number(lon).toFixed(1)]));
    expect(places).toEqual([['52.5', '13.4'], null, ['40.7', '-74.0']]);
  });

  it('draws a meme here that has no picture elsewhere', async () => {
    await importBytes(published([row(1, { upper: 'ONE', lower: 'two/three' }).replace('https://example.org/memes/1.jpg', '')]));
    expect((await stored())[0]).toMatchObject({ image_url: '/api/memes/render/Hopeful_Plant/ONE/two~sthree.webp' });
  });

  it('changes nothing when it runs again, and adds only what is new', async () => {
    await importBytes(published(ids(1, 1203).map((id) => row(id))));
    const before = await stored();
    expect(before).toHaveLength(1203);
    expect(before.map((meme) => Number(meme.external_id))).toEqual(ids(1, 1203));

    const again = await importBytes(published(ids(1, 1203).map((id) => row(id, { caption: 'other' }))));
    expect(again).toMatchObject({ imported: 0, alreadyThere: 1203, skipped: [] });
    expect(await stored()).toEqual(before);

    expect(await importBytes(published(ids(1200, 10).map((id) => row(id))))).toMatchObject({ imported: 6, alreadyThere: 4 });
  });

  it('counts bad rows by reason and line, and brings in the rest', async () => {
    const report = await importBytes(
      published([row(1), row(2).slice(0, 30), row('seven'), row(''), row(3, { caption: 'x'.repeat(2001) }), row(1), row(4, { caption: '"open' }), row(5), ...ids(6, 7).map((id) => `${row(id)}\textra`)]),
    );
    expect(report).toMatchObject({ imported: 2, alreadyThere: 0 });
    expect(Object.fromEntries(report.skipped.map(({ reason, count, lines }) => [reason, [count, ...lines]]))).toEqual({
      'wrong number of columns': [8, 3, 10, 11, 12, 13],
      'Meme ID is not a number': [1, 4],
      'no Meme ID': [1, 5],
      'text too long': [1, 6],
      'Meme ID was already in this file': [1, 7],
      'quote is never closed': [1, 8],
    });
  });

  it('tells a repeated id from one that was there, however far apart they stand', async () => {
    await importBytes(fileOf([row(1)]));
    const report = await importBytes(fileOf([row(1), ...ids(2, 999).map((id) => row(id)), row(2), row(1)]));
    expect(report).toMatchObject({ imported: 999, alreadyThere: 2, skipped: [{ reason: 'Meme ID was already in this file', count: 1, lines: [1002] }] });
  });

  it('counts each row once when two imports run at once', async () => {
    const bytes = published(ids(1, 2000).map((id) => row(id)));
    const reports = await Promise.all([importBytes(bytes), importBytes(bytes), importBytes(bytes)]);
    expect(reports.reduce((sum, { imported }) => sum + imported, 0)).toBe(2000);
    for (const { imported, alreadyThere, skipped } of reports) expect([imported + alreadyThere, skipped]).toEqual([2000, []]);
    expect(await stored()).toHaveLength(2000);
  });

  it('stops between two batches when asked to', async () => {
    const stop = new AbortController();
    stop.abort();
    const report = await importer.import(Readable.from([Buffer.from(fileOf(ids(1, 1500).map((id) => row(id))))]), { signal: stop.signal });
    expect(report.imported).toBe(500);
  });

  it('brings in the sample that ships with Plaza without a fault', async () => {
    const report = await importer.importSample();
    expect(report.skipped).toEqual([]);
    expect(report.imported).toBeGreaterThanOrEqual(40);
    const places = await db.database.rows('SELECT external_id AS id, lat, lon FROM meme WHERE lat IS NOT NULL ORDER BY id');
    expect(places).toEqual([
      { id: '990000000043', lat: 55.67594, lon: 12.56553 },
      { id: '990000000044', lat: -1.28333, lon: 36.81667 },
      { id: '990000000045', lat: -23.5475, lon: -46.63611 },
    ]);
    expect(await importer.importSample()).toMatchObject({ imported: 0, alreadyThere: report.imported });
  });
});

describe('the import command', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-memes-'));
    process.env.DATABASE_URL = db.url;
    process.env.DATA_DIR = path.join(folder, 'data');
  });
  afterAll(async () => {
    delete process.env.DATABASE_URL;
    delete process.env.DATA_DIR;
    await rm(folder, { recursive: true });
  });

  async function run(file: string | undefined) {
    const output = new PassThrough();
    const code = await importMemes(file, output as unknown as NodeJS.WriteStream, new AbortController().signal);
    return { code, text: String(output.read()) };
  }

  it('reports progress from 0 to 100 percent and what it did', async () => {
    const file = path.join(folder, 'memes.csv');
    await writeFile(file, published([...ids(1, 20).map((id) => row(id)), 'nonsense']));
    const { code, text } = await run(file);
    expect(code).toBe(0);
    expect(text).toMatch(/^Importing: 0 %\n(Importing: \d+ %\n)*Importing: 100 %\nImported 20, already there 0, skipped 1 in \d+\.\d s\n {2}wrong number of columns: 1, line 22\n$/);
    expect((await run(file)).text).toContain('Imported 0, already there 20, skipped 1');
  });

  it.each([
    ['no name', () => undefined, /Name the file/],
    ['a name of nothing', () => path.join(folder, 'nowhere.csv'), /there is no such file/],
    ['a folder', () => folder, /is not a file/],
  ])('refuses %s in one line', async (_, file, message) => {
    await expect(run(file())).rejects.toThrow(message);
  });

  it('refuses an empty file and one with other columns', async () => {
    const empty = path.join(folder, 'empty.csv');
    await writeFile(empty, '');
    await expect(run(empty)).rejects.toThrow('The file is empty.');
    const other = path.join(folder, 'other.csv');
    await writeFile(other, 'name;age\nAda;36\n');
    await expect(run(other)).rejects.toThrow(/missing: Meme ID/);
  });
});
