import { Injectable, Logger } from '@nestjs/common';
import { Storage } from '../../platform/storage/storage.js';
import { BlobRepository } from './blob.repository.js';
import { FileRepository } from './file.repository.js';
import { fileIdOf, folderOf } from './uploads.rules.js';

/** Removes objects that nothing needs any more. */
@Injectable()
export class FileObjects {
  private readonly logger = new Logger(FileObjects.name);

  constructor(
    private readonly storage: Storage,
    private readonly files: FileRepository,
    private readonly blobs: BlobRepository,
  ) {}

  /** Removes what is left of a file beside its blobs: after it is ready or gone. */
  async tidy(fileId: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.storage.list(folderOf(fileId))) keys.push(key);
    await this.removeStrays(keys);
  }

  /**
   * Removes those of the objects that no blob names and whose file is neither received nor checked. List
   * the objects before you call it: one is then either named by now, or its file has not ended.
   *
   * @returns how many it removed
   */
  async removeStrays(keys: readonly string[], signal?: AbortSignal): Promise<number> {
    const underWay = await this.files.listUnderWay([...new Set(keys.map(fileIdOf))]);
    const named = await this.blobs.listKeys(keys);
    const strays = keys.filter((key) => !underWay.has(fileIdOf(key)) && !named.has(key));
    let removed = 0;
    for (const key of strays) {
      signal?.throwIfAborted();
      if (await this.remove(key)) removed += 1;
    }
    return removed;
  }

  /** Removes the bytes at a key. @returns false when the storage fails: the next sweep tries again, and what else there is to remove does not wait for it */
  async remove(key: string): Promise<boolean> {
    try {
      await this.storage.delete(key);
      return true;
    } catch (error) {
      this.logger.error({ err: error, key }, 'an object could not be removed; the next sweep tries again');
      return false;
    }
  }
}
