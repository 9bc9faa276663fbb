import { createHash, type Hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Storage } from '../../../platform/storage/storage.js';
import { bodyKeyOf } from '../uploads.rules.js';
import type { TusRecord } from './tus.types.js';

/** Uploads under way of which this process has seen every byte. A hash is some hundred bytes. */
const MOST = 10_000;

/** The hash of what an upload has come to. */
export class RunningHash {
  readonly hash = createHash('sha256');
  bytes = 0;

  constructor(public writes: number) {}

  update(chunk: Buffer): void {
    this.hash.update(chunk);
    this.bytes += chunk.length;
  }
}

/** sha256 of uploads: reckoned while the bytes come, or read again where another process took some of them. */
@Injectable()
export class TusHashes {
  private readonly running = new LRUCache<string, RunningHash>({ max: MOST });

  constructor(private readonly storage: Storage) {}

  /**
   * The hash to go on with from `offset`; undefined when this process has not seen all that lies before.
   *
   * @param writes the number of this writing: the one before it must have been here as well
   */
  resume(id: string, offset: number, writes: number): RunningHash | undefined {
    const known = this.running.get(id);
    this.running.delete(id);
    const running = offset === 0 ? new RunningHash(writes) : known?.bytes === offset && known.writes === writes - 1 ? known : undefined;
    if (!running) return undefined;
    running.writes = writes;
    this.running.set(id, running);
    return running;
  }

  /** Of all bytes of an upload that is complete, in hex. */
  async of({ file: { id, size }, writes }: TusRecord): Promise<string> {
    const known = this.running.get(id);
    const hash = known?.bytes === size && known.writes === writes ? known.hash.copy() : await this.read(id);
    return hash.digest('hex');
  }

  forget(id: string): void {
    this.running.delete(id);
  }

  private async read(id: string): Promise<Hash> {
    const hash = createHash('sha256');
    await pipeline(this.storage.read(bodyKeyOf(id)), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) hash.update(chunk);
    });
    return hash;
  }
}
