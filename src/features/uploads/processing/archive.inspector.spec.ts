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

  it('is unsafe when cut', async () => {
    const archive = await tar({ name: 'a.txt', content: 'x'.repeat(2_000) });
    expect(await verdict(archive.subarray(0, 1_500))).toBe('it cannot be read');
  });

  it('is unsafe when it declares more than it has', async () => {
    const archive = await tar({ name: 'a.txt', content: 'x'.repeat(2_000) });
    archive.write('77777777777\0', 124, 'latin1');
    archive.write('        ', 148, 'latin1');
    const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(await verdict(archive)).toMatch(/bytes unpacked/);
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

/** Bytes that cannot be packed, the same each time. */
function noise(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  for (let at = 0, x = 1; at < bytes; at += 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    made[at] = x >>> 24;
  }
  return made;
}
