import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pack, type Header } from 'tar-stream';
import { ZipFile } from 'yazl';
import { manyEntries, renamed, zipOf } from '../../../../test/support/uploads-archives.js';
import { sniff } from '../media-type.sniffer.js';
import { inspectArchive } from './archive.inspector.js';

const MIB = 1024 * 1024;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plaza-archive-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `safe`, or the reason why it is not. */
async function verdict(archive: Buffer): Promise<string> {
  const target = path.join(folder, 'archive');
  await writeFile(target, archive);
  try {
    await inspectArchive(target, await sniff(archive), new AbortController().signal);
    return 'safe';
  } catch (error) {
    expect(error).toMatchObject({ name: 'Rejection', code: 'file.archive-unsafe' });
    return (error as Error).message;
  }
}

function tar(...entries: (Partial<Header> & { content?: string })[]): Promise<Buffer> {
  const file = pack();
  for (const { content = '', ...header } of entries) file.entry(header as Header, content);
  file.finalize();
  return buffer(file);
}

function zipWithLink(name: string, target: string): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(target), name, { mode: 0o120777, compress: false });
  zip.end();
  return buffer(zip.outputStream);
}

/** An archive of one entry behind something else, with its offsets put right. */
function behind(start: Buffer, archive: Buffer): Buffer {
  const end = archive.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  const list = archive.readUInt32LE(end + 16);
  const moved = Buffer.concat([start, archive]);
  moved.writeUInt32LE(list + start.length, start.length + end + 16);
  moved.writeUInt32LE(archive.readUInt32LE(list + 42) + start.length, start.length + list + 42);
  return moved;
}

describe('a ZIP archive', () => {
  it('is safe with ordinary files and folders in it', async () => {
    expect(await verdict(await zipOf({ 'a.txt': 'hello', 'b/c..d.txt': 'x', 'b/ünï.txt': '' }))).toBe('safe');
    expect(await verdict(await zipOf({}))).toBe('safe');
  });

  it.each([
    ['../evil', /\.\./],
    ['a/../../evil', /\.\./],
    ['/etc/passwd', /absolute/],
    ['C:/evil', /absolute/],
    ['a\\b', /backslash/],
    ['a\0b', /NUL/],
  ])('is unsafe with an entry %j', async (name, reason) => {
    const safe = await zipOf({ ['x'.repeat(name.length)]: 'x' });
    expect(await verdict(safe)).toBe('safe');
    // yauzl finds some of these itself.
    expect(await verdict(renamed(safe, 'x'.repeat(name.length), name))).toMatch(new RegExp(`${reason.source}|cannot be read`));
  });

  it('may have 10,000 entries and no more', async () => {
    expect(await verdict(await manyEntries(10_000))).toBe('safe');
    expect(await verdict(await manyEntries(10_001))).toMatch(/10000 entries/);
  });

  it('may unpack to a hundred times its size and no more', async () => {
    const bomb = await zipOf({ 'zeros.bin': Buffer.alloc(50 * MIB) });
    expect(bomb.length).toBeLessThan(MIB);
    expect(await verdict(bomb)).toMatch(/100 times/);
    expect(await verdict(await zipOf({ 'zeros.bin': Buffer.alloc(MIB), 'noise.bin': noise(MIB / 64) }))).toBe('safe');
    expect(await verdict(await zipOf({ 'small.bin': Buffer.alloc(60_000) }))).toBe('safe');
  });

  it('is unsafe when it declares more than a GiB', async () => {
    const zip = await zipOf({ 'a.bin': noise(11 * MIB) });
    const directory = zip.lastIndexOf('PK\u0001\u0002', undefined, 'latin1');
    zip.writeUInt32LE(1024 ** 3 + 1, directory + 24);
    expect(await verdict(zip)).toMatch(/1073741824 bytes/);
    zip.writeUInt32LE(1024 ** 3, directory + 24);
    expect(await verdict(zip)).toBe('safe');
  });

  it('does not look into archives inside of it', async () => {
    expect(await verdict(await zipOf({ 'inner.zip': await zipOf({ 'zeros.bin': Buffer.alloc(50 * MIB) }), 'n': noise(1000) }))).toBe('safe');
  });

  it('is unsafe when it cannot be read', async () => {
    const zip = await zipOf({ 'a.txt': 'hello' });
    expect(await verdict(zip.subarray(0, -10))).toBe('it cannot be read');
    expect(await verdict(Buffer.from('PK\u0003\u0004 and nothing more'))).toBe('it cannot be read');
  });

  it('may have a comment, and its list in the form for large archives', async () => {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from('x'), 'a.txt', { forceZip64Format: true });
    zip.end({ forceZip64Format: true, comment: 'y'.repeat(1_000) });
    expect(await verdict(await buffer(zip.outputStream))).toBe('safe');
  });

  it('is unsafe when others would find other entries than those it counts', async () => {
    const zip = renamed(await zipOf({ 'a.txt': 'x', '__/evil': 'x' }), '__/evil', '../evil');
    const end = zip.length - 22;
    for (const at of [8, 10]) zip.writeUInt16LE(1, end + at);
    expect(await verdict(zip)).toBe('something behind its list of entries');
    const other = await zipOf({ 'a.txt': 'x' });
    other.writeUInt32LE(other.readUInt32LE(other.length - 10) - 1, other.length - 10);
    expect(await verdict(other)).toBe('a list of entries of another length than it states');
  });

  it.each([['a program', 'MZ'], ['a document', '%PDF-1.4\n']])('is looked into behind %s as well, since programs open it by its end', async (_, start) => {
    const before = Buffer.from(start + ' '.repeat(1_000));
    const unsafe = renamed(await zipOf({ 'xx/evil.txt': 'evil' }), 'xx/evil.txt', '../evil.txt');
    expect(await verdict(behind(before, await zipOf({ 'a.txt': 'hello' })))).toBe('safe');
    expect(await verdict(behind(before, unsafe))).toBe(await verdict(unsafe));
    // Some programs find their way where the offsets are those of the archive alone.
    expect(await verdict(Buffer.concat([before, unsafe]))).toBe('it cannot be read');
    // Its end alone is no archive.
    expect(await verdict(Buffer.concat([before, Buffer.from('PK\u0005\u0006', 'latin1')]))).toBe('safe');
  });

  it('may have links that stay inside', async () => {
    expect(await verdict(await zipWithLink('a/b', '../c'))).toBe('safe');
    expect(await verdict(await zipWithLink('a/b', '../../c'))).toBe('a link that leads out');
    expect(await verdict(await zipWithLink('a', '/etc/passwd'))).toBe('a link that leads out');
  });
});

describe('a tar archive', () => {
  it.each<[string, (Partial<Header> & { content?: string })[], string | RegExp]>([
    ['ordinary files', [{ name: 'a/' , type: 'directory' }, { name: 'a/b.txt', content: 'hello' }], 'safe'],
    ['a name with ..', [{ name: '../b' }], 'a name with ..'],
    ['an absolute name', [{ name: '/b' }], 'an absolute name'],
    ['a link inside', [{ name: 'a/b', type: 'symlink', linkname: '../c' }], 'safe'],
    ['a link that leads out', [{ name: 'a', type: 'symlink', linkname: '../c' }], 'a link that leads out'],
    ['an entry through a link', [{ name: 'a', type: 'symlink', linkname: 'b' }, { name: 'a/c', content: 'x' }], 'an entry behind a link'],
    ['an entry over a link', [{ name: 'a', type: 'symlink', linkname: 'b' }, { name: './a', content: 'x' }], 'an entry behind a link'],
    ['a hard link that leads out', [{ name: 'a', type: 'link', linkname: '/etc/passwd' }], 'an absolute name'],
  ])('with %s', async (_, entries, expected) => {
    const archive = await tar(...entries);
    expect(await verdict(archive)).toBe(expected);
    expect(await verdict(gzipSync(archive))).toBe(expected);
  });

  it('may have 10,000 entries and no more', async () => {
    const entries = Array.from({ length: 10_000 }, (_, n) => ({ name: `${n}` }));
    expect(await verdict(await tar(...entries))).toBe('safe');
    expect(await verdict(await tar(...entries, { name: 'x' }))).toMatch(/10000 entries/);
  });

  it('may have long names and padding, and no more notes than are read in no time', async () => {
    const noted = (bytes: number) => tar({ name: 'a.txt', pax: { comment: 'x'.repeat(bytes) } }, { name: 'b.bin', content: '\0'.repeat(MIB) }, { name: 'c'.repeat(1_000) });
    expect(await verdict(Buffer.concat([await noted(64 * 1024), Buffer.alloc(2 * MIB)]))).toBe('safe');
    expect(await verdict(await noted(MIB))).toMatch(/bytes between two entries/);
    // Room that an entry only claims to take is no room for notes.
    const folder = await tar({ name: 'folder', type: 'directory' }, { name: 'a.txt', pax: { comment: 'x'.repeat(MIB) } });
    expect(await verdict(declaring(folder, 800 * 1024))).toMatch(/bytes between two entries/);
    const many = Array.from({ length: 700 }, (_, n) => ({ name: `${n}`, pax: { comment: 'x'.repeat(50_000) } }));
    expect(await verdict(await tar(...many))).toMatch(/bytes between entries/);
  });

  it('is unsafe when cut', async () => {
    const archive = await tar({ name: 'a.txt', content: 'x'.repeat(2_000) });
    expect(await verdict(archive.subarray(0, 1_500))).toBe('it cannot be read');
  });

  it('is unsafe when it declares more than it has', async () => {
    const archive = await tar({ name: 'a.txt', content: 'x'.repeat(2_000) });
    expect(await verdict(declaring(archive, 0o77777777777))).toMatch(/bytes unpacked/);
  });
});

describe('a gzip', () => {
  it('may inflate to a hundred times its size and no more', async () => {
    expect(await verdict(gzipSync(noise(100_000)))).toBe('safe');
    expect(await verdict(gzipSync(Buffer.alloc(10 * MIB)))).toMatch(/100 times/);
  });

  it('is unsafe when broken', async () => {
    expect(await verdict(gzipSync(noise(100_000)).subarray(0, 50_000))).toBe('it cannot be read');
  });
});

it('other files are no archives', async () => {
  expect(await verdict(Buffer.from('hello'))).toBe('safe');
});

it('a file that is gone is no unsafe archive', async () => {
  await expect(inspectArchive(path.join(folder, 'gone'), 'application/zip', new AbortController().signal)).rejects.toMatchObject({ code: 'ENOENT' });
});

/** The tar with another size in the header of its first entry. */
function declaring(archive: Buffer, bytes: number): Buffer {
  archive.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  archive.write('        ', 148, 'latin1');
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return archive;
}

/** Bytes that cannot be packed, the same each time. */
function noise(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  for (let at = 0, x = 1; at < bytes; at += 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    made[at] = x >>> 24;
  }
  return made;
}
