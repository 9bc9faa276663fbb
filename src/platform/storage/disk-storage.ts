import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { isNoRoom, storageFull, unlessMissing } from './storage.errors.js';
import { assertKey, Storage, type StoredFile } from './storage.js';

const UNFINISHED = '.part';

/** Files below `DATA_DIR/files`, on this machine's disk. */
@Injectable()
export class DiskStorage extends Storage {
  private readonly root: string;

  constructor(config: Config) {
    super();
    this.root = path.join(config.DATA_DIR, 'files');
  }

  async write(key: string, body: Readable): Promise<{ bytes: number }> {
    const target = this.pathOf(key);
    const unfinished = `${target}.${randomUUID()}${UNFINISHED}`;
    const folder = path.dirname(target);
    // It may fail before anybody reads it; what went wrong is asked below.
    body.on('error', () => undefined);
    try {
      const file = await openIn(folder, unfinished);
      // The stream closes the file; flush syncs it before that (fsync, not only the page cache).
      const sink = createWriteStream(unfinished, { fd: file, flush: true });
      await pipeline(body, sink);
      await rename(unfinished, target);
      await this.syncFolders(folder);
      return { bytes: sink.bytesWritten };
    } catch (error) {
      body.destroy();
      await rm(unfinished, { force: true });
      throw isNoRoom(error) ? storageFull() : (body.errored ?? error);
    }
  }

  /**
   * Adds to a file that is there, from `offset` on, and answers its size once that is durable. What came
   * before `chunks` failed stays.
   *
   * @throws ENOENT when there is no such file; storageFull
   */
  async append(key: string, offset: number, chunks: AsyncIterable<Buffer>): Promise<number> {
    const file = await open(this.pathOf(key), 'r+');
    let end = offset;
    let writing: Promise<void> = Promise.resolve();
    try {
      // One chunk is written while the next one is made ready: hashing and writing take turns otherwise.
      for await (const chunk of chunks) {
        await writing;
        writing = writeAt(file, chunk, end);
        // Met by the next await; until then it must not count as overlooked.
        writing.catch(() => undefined);
        end += chunk.length;
      }
      await writing;
      await file.datasync();
      return end;
    } catch (error) {
      throw isNoRoom(error) ? storageFull() : error;
    } finally {
      // Waits for what is still being written.
      await file.close();
    }
  }

  read(key: string, range?: { start: number; end: number }): Readable {
    return createReadStream(this.pathOf(key), range);
  }

  async find(key: string): Promise<StoredFile | undefined> {
    const found = await unlessMissing(stat(this.pathOf(key)));
    return found?.isFile() ? { bytes: found.size, modifiedAt: found.mtime } : undefined;
  }

  /** The file itself: nothing is copied. */
  async stage<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    const target = this.pathOf(key);
    await stat(target);
    return use(target);
  }

  async delete(key: string): Promise<void> {
    const target = this.pathOf(key);
    await rm(target, { force: true });
    await this.removeEmptyFolders(path.dirname(target));
  }

  async *list(prefix: string): AsyncIterable<StoredFile & { key: string }> {
    const folder = this.pathOf(prefix.replace(/\/$/, ''));
    const entries = await unlessMissing(readdir(folder, { withFileTypes: true }));
    for (const entry of entries ?? []) yield* this.listEntry(folder, entry);
  }

  private async *listEntry(folder: string, entry: Dirent): AsyncIterable<StoredFile & { key: string }> {
    const key = path.relative(this.root, path.join(folder, entry.name)).split(path.sep).join('/');
    if (entry.isDirectory()) {
      yield* this.list(key);
      return;
    }
    const found = await this.find(key);
    if (found) yield { key, ...found };
  }

  private pathOf(key: string): string {
    return path.join(this.root, ...assertKey(key).split('/'));
  }

  /** A rename is durable once its folder is; a new folder, once its parent is. */
  private async syncFolders(folder: string): Promise<void> {
    for (let at = folder; at.startsWith(this.root); at = path.dirname(at)) {
      const handle = await open(at, 'r');
      await handle.sync().finally(() => handle.close());
    }
  }

  private async removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at.startsWith(this.root + path.sep); at = path.dirname(at)) {
      try {
        await rmdir(at);
      } catch {
        return;
      }
    }
  }
}

/** A folder that a sweep removes between mkdir and open is simply made again. */
async function openIn(folder: string, file: string) {
  for (let attempt = 1; ; attempt += 1) {
    await mkdir(folder, { recursive: true });
    try {
      return await open(file, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 5) throw error;
    }
  }
}

async function writeAt(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
}
