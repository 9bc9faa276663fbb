import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/config.js';
import { DiskStorage } from './disk-storage.js';

/** What it does as every storage does is in test/integration/storage.spec.ts. */
describe('disk storage', () => {
  let dataDir: string;
  let storage: DiskStorage;

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-storage-'));
    storage = new DiskStorage(loadConfig({ NODE_ENV: 'test', DATA_DIR: dataDir, APP_SECRET: 'x'.repeat(32) }));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const keys = async (prefix = 'a') => {
    const found: string[] = [];
    for await (const { key } of storage.list(prefix)) found.push(key);
    return found.sort();
  };
  const onDisk = async () => (await readdir(dataDir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;

  it('shows a file to readers only when it is whole', async () => {
    let finish!: () => void;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    async function* slowly(): AsyncGenerator<string> {
      yield 'first ';
      await gate;
      yield 'second';
    }
    const writing = storage.write('a/slow.txt', Readable.from(slowly()));
    while ((await keys()).length === 0) await new Promise(setImmediate);
    expect(await storage.find('a/slow.txt')).toBeUndefined();
    expect(await keys()).toEqual([expect.stringMatching(/^a\/slow\.txt\..*\.part$/)]);
    finish();
    await writing;
    expect(await keys()).toEqual(['a/slow.txt']);
  });

  it('calls a full disk by its name and leaves nothing behind', async () => {
    const body = new Readable({
      read() {
        this.destroy(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
      },
    });
    await expect(storage.write('a/full.txt', body)).rejects.toMatchObject({ code: 'storage.full', kind: 'storage-full' });
    expect(body.destroyed).toBe(true);
    expect(await onDisk()).toBe(0);
  });

  it('removes files and the folders they leave empty; removing twice is no error', async () => {
    await storage.write('a/b/c.txt', Readable.from(['x']));
    await storage.write('a/d.txt', Readable.from(['x']));
    await storage.delete('a/b/c.txt');
    await storage.delete('a/b/c.txt');
    expect(await keys()).toEqual(['a/d.txt']);
    await storage.delete('a/d.txt');
    expect(await keys()).toEqual([]);
    expect(await keys('nothing/here')).toEqual([]);
  });

  it('lends the file itself, and no copy', async () => {
    await storage.write('a/b.txt', Readable.from(['x']));
    expect(await storage.stage('a/b.txt', (file) => Promise.resolve(path.relative(dataDir, file)))).toBe(path.join('files', 'a', 'b.txt'));
  });

  it('writes into a folder that a removal takes away at the same moment', async () => {
    for (let n = 0; n < 50; n += 1) {
      await Promise.all([storage.write(`a/b/${n}.txt`, Readable.from(['x'])), storage.delete(`a/b/${n - 1}.txt`)]);
    }
    expect(await keys()).toEqual(['a/b/49.txt']);
  });

  describe('adding to a file', () => {
    async function* chunksOf(...pieces: (string | Error)[]): AsyncGenerator<Buffer> {
      for (const piece of pieces) {
        if (piece instanceof Error) throw piece;
        yield Buffer.from(piece);
      }
    }
    const content = async () => (await storage.read('a/grows.txt').toArray()).join('');
    beforeEach(() => storage.write('a/grows.txt', Readable.from([])));

    it('adds to a file from where it is, and over what is behind that', async () => {
      expect(await storage.append('a/grows.txt', 0, chunksOf('first ', 'second '))).toBe(13);
      expect(await storage.append('a/grows.txt', 13, chunksOf('third'))).toBe(18);
      expect(await content()).toBe('first second third');
      expect(await storage.append('a/grows.txt', 6, chunksOf('SECOND'))).toBe(12);
      expect(await content()).toBe('first SECOND third');
      expect(await storage.append('a/grows.txt', 18, chunksOf())).toBe(18);
    });

    it('keeps what came before it failed', async () => {
      await expect(storage.append('a/grows.txt', 0, chunksOf('first ', 'second ', new Error('gone')))).rejects.toThrow('gone');
      expect(await content()).toBe('first second ');
      await expect(storage.append('a/grows.txt', 13, chunksOf(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })))).rejects.toMatchObject({ code: 'storage.full' });
    });

    it('makes no file where there is none', async () => {
      await expect(storage.append('a/nothing.txt', 0, chunksOf('x'))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await keys()).toEqual(['a/grows.txt']);
    });
  });
});
