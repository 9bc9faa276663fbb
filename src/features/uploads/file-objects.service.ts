import { Injectable } from '@nestjs/common';
import { Storage } from '../../platform/storage/storage.js';
import { BlobRepository } from './blob.repository.js';
import { FileRepository } from './file.repository.js';

/** The folder of all files; each has one of its own in it: `uploads/<file id>/…`. */
export const UPLOADS = 'uploads';

/** Removes objects that nothing needs any more. */
@Injectable()
export class FileObjects {
  constructor(
    private readonly storage: Storage,
    private readonly files: FileRepository,
    private readonly blobs: BlobRepository,
  ) {}

  /** Removes what is left of a file beside its blobs: after it is ready or gone. */
  async tidy(fileId: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.storage.list(`${UPLOADS}/${fileId}`)) keys.push(key);
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
    for (const key of strays) {
      signal?.throwIfAborted();
      await this.storage.delete(key);
    }
    return strays.length;
  }
}

/** `uploads/<file id>/<object>` → file id */
const fileIdOf = (key: string): string => key.split('/')[1] ?? '';
