import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DataStore, Metadata, Upload } from '@tus/server';
import { OwnFiles } from '../serving/own-files.service.js';
import { TusBodies } from './tus-bodies.js';
import { TusCompletion } from './tus-completion.service.js';
import { TusHashes, type RunningHash } from './tus-hashes.service.js';
import { TusLeases, type TusLease } from './tus-leases.service.js';
import { TusUploads } from './tus-uploads.service.js';
import { isPart } from './tus.rules.js';
import type { TusRecord } from './tus.types.js';

/** An upload that takes days still shows that it is alive. */
const EXTEND_EVERY_MS = 10 * 60_000;

/** What the tus library asks for its uploads: their bytes are in the storage, all else in the database. Its methods run under the upload's lease. */
@Injectable()
export class TusStore extends DataStore {
  // Expiry is ours: the library knows only one that begins with the upload.
  override extensions = ['creation', 'creation-with-upload', 'creation-defer-length', 'termination'];

  constructor(
    private readonly uploads: TusUploads,
    private readonly bodies: TusBodies,
    private readonly leases: TusLeases,
    private readonly hashes: TusHashes,
    private readonly completion: TusCompletion,
    private readonly files: OwnFiles,
  ) {
    super();
  }

  override async create(upload: Upload): Promise<Upload> {
    try {
      await this.bodies.create(upload.id, upload.size);
      return upload;
    } catch (error) {
      await this.uploads.abandon(upload.id);
      throw error;
    }
  }

  /** Completes an upload whose last bytes are there but whose process died before it said so. */
  override async getUpload(id: string): Promise<Upload> {
    const upload = await this.uploads.get(id);
    const { size, state, createdAt } = upload.file;
    const metadata = upload.metadata === null ? undefined : Metadata.parse(upload.metadata);
    const offset = state === 'receiving' ? await this.offset(upload) : size!;
    return new Upload({ id, size: size ?? undefined, offset, metadata, creation_date: createdAt.toISOString() });
  }

  override async declareUploadLength(id: string, size: number): Promise<void> {
    await this.uploads.declare(id, size);
    await this.bodies.declare(id, size);
  }

  /** Keeps what came of `stream`, also when it was too much or the quota is full, and completes the upload with its last byte. */
  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    const lease = this.leases.of(id);
    const upload = await this.uploads.get(id);
    if (upload.file.state !== 'receiving') return offset;
    const writes = await this.uploads.beginWrite(lease);
    const flow = new Flow(this.uploads, upload, lease, offset, isPart(upload) ? undefined : this.hashes.resume(id, offset, writes));
    const reached = await this.bodies.append(id, offset, flow.chunks(stream));
    if (flow.failure !== undefined) throw flow.failure;
    if (reached === upload.file.size && !isPart(upload)) await this.completion.complete({ ...upload, writes }, lease);
    return reached;
  }

  override async remove(id: string): Promise<void> {
    const { file } = await this.uploads.get(id);
    await this.files.delete(file.ownerId, id);
    this.hashes.forget(id);
  }

  private async offset(upload: TusRecord): Promise<number> {
    const { id, size } = upload.file;
    const offset = (await this.bodies.offset(id)) ?? 0;
    if (offset === size && !isPart(upload)) await this.completion.complete(upload, this.leases.of(id));
    return offset;
  }
}

/** The bytes of one request on their way into the storage. */
class Flow {
  /** What ended it before its time; what came before that is kept. */
  failure: Error | undefined;
  private granted: number;
  private extendAt = 0;

  constructor(
    private readonly uploads: TusUploads,
    private readonly upload: TusRecord,
    private readonly lease: TusLease,
    private bytes: number,
    private readonly hash: RunningHash | undefined,
  ) {
    this.granted = upload.file.size ?? upload.file.reserved;
  }

  /** @throws tusLocked when the lease is lost: then not even what came before may be written any more */
  async *chunks(stream: Readable): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        await this.permit(chunk.length);
        this.hash?.update(chunk);
        yield chunk;
      }
    } catch (error) {
      this.failure = error as Error;
    }
    await this.lease.confirm();
  }

  private async permit(bytes: number): Promise<void> {
    await this.lease.confirm();
    this.bytes += bytes;
    if (this.bytes > this.granted) this.granted = await this.uploads.grow(this.upload.file.id, this.bytes);
    if (performance.now() < this.extendAt) return;
    await this.uploads.extend(this.upload.file.id);
    this.extendAt = performance.now() + EXTEND_EVERY_MS;
  }
}
