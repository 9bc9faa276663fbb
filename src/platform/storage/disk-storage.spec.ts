import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/config.js';
import { DiskStorage } from './disk-storage.js';

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

  it('keeps what was written, whole or in part', async () => {
    expect(await storage.write('a/b/c.txt', Readable.from(['hello ', 'world']))).toEqual({ bytes: 11 });
    expect(await text(storage.read('a/b/c.txt'))).toBe('hello world');
    expect(await text(storage.read('a/b/c.txt', { start: 4, end: 6 }))).toBe('o w');
    expect(await storage.find('a/b/c.txt')).toMatchObject({ bytes: 11 });
    expect(await storage.find('a/b/d.txt')).toBeUndefined();
    expect(await storage.find('a/b')).toBeUndefined();
  });

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

  it('leaves nothing behind when the body fails, and reads it no further', async () => {
    const failure = new Error('source failed');
    async function* failing(): AsyncGenerator<string> {
      yield 'some';
      throw failure;
    }
    await expect(storage.write('a/fails.txt', Readable.from(failing()))).rejects.toBe(failure);
    expect(await onDisk()).toBe(0);
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

  it('writes into a folder that a removal takes away at the same moment', async () => {
    for (let n = 0; n < 50; n += 1) {
      await Promise.all([storage.write(`a/b/${n}.txt`, Readable.from(['x'])), storage.delete(`a/b/${n - 1}.txt`)]);
    }
    expect(await keys()).toEqual(['a/b/49.txt']);
  });

  it.each(['', '/', '../x', 'a/../../x', 'a//b', '/etc/passwd', 'a/.hidden', 'a\\b', 'a/b\0', 'a/%2e%2e'])('refuses %j as a key', async (key) => {
    await expect(storage.find(key)).rejects.toThrow('no storage key');
    expect(() => storage.read(key)).toThrow('no storage key');
    await expect(storage.write(key, Readable.from(['x']))).rejects.toThrow('no storage key');
  });
});
