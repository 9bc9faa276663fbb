import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { isNoRoom, storageFull } from '../../../platform/storage/storage.errors.js';
import { fileTooLarge } from '../uploads.errors.js';
import { tusChecksum } from './tus.errors.js';
import type { Checksum } from './tus.types.js';

/** Bytes that were found to be what their sender meant. */
export interface Verified {
  readonly body: Readable;
  readonly bytes: number;
}

/**
 * Compares bytes with their checksum before any of them reaches the upload: they wait in a file without a name,
 * which is gone with the process. So nothing has to be taken back, on any storage, whenever the process dies.
 */
@Injectable()
export class TusChecksums {
  private readonly folder: string;

  constructor(config: Config) {
    this.folder = path.join(config.DATA_DIR, 'tus');
  }

  /**
   * @param use what is to be done with the bytes when they are right
   * @throws tusChecksum; fileTooLarge for more than `maxBytes`; requestInvalid when the body ends before its end; storageFull
   */
  async verified<T>(body: Readable, checksum: Checksum, maxBytes: number, use: (verified: Verified) => Promise<T>): Promise<T> {
    const file = await this.openNameless();
    try {
      const bytes = await spool(body, file, checksum, maxBytes);
      return await use({ body: file.createReadStream({ start: 0, autoClose: false }), bytes });
    } catch (error) {
      throw isNoRoom(error) ? storageFull() : error;
    } finally {
      await file.close();
    }
  }

  private async openNameless(): Promise<FileHandle> {
    await mkdir(this.folder, { recursive: true });
    const name = path.join(this.folder, randomUUID());
    const file = await open(name, 'wx+', 0o600);
    await unlink(name);
    return file;
  }
}

async function spool(body: Readable, file: FileHandle, { algorithm, digest }: Checksum, maxBytes: number): Promise<number> {
  const hash = createHash(algorithm);
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw fileTooLarge({ maxBytes });
    hash.update(chunk);
    await file.appendFile(chunk);
  }
  if (!hash.digest().equals(digest)) throw tusChecksum();
  return bytes;
}
