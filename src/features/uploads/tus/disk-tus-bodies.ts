import { Readable } from 'node:stream';
import type { DiskStorage } from '../../../platform/storage/disk-storage.js';
import { bodyKeyOf } from '../uploads.rules.js';
import { TusBodies } from './tus-bodies.js';

/** One growing file for each upload: its size is the offset, whatever has happened to the process. */
export class DiskTusBodies extends TusBodies {
  constructor(private readonly storage: DiskStorage) {
    super();
  }

  async create(id: string): Promise<void> {
    await this.storage.write(bodyKeyOf(id), Readable.from([]));
  }

  async offset(id: string): Promise<number | undefined> {
    return (await this.storage.find(bodyKeyOf(id)))?.bytes;
  }

  async declare(): Promise<void> {
    // The file does not know how long it will be.
  }

  append(id: string, offset: number, chunks: AsyncIterable<Buffer>): Promise<number> {
    return this.storage.append(bodyKeyOf(id), offset, chunks);
  }
}
