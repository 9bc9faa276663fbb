import { Readable } from 'node:stream';
import { ERRORS, Upload, type KvStore } from '@tus/server';
import { S3Store, type MetadataValue } from '@tus/s3-store';
import type { Config } from '../../../platform/config/config.js';
import { s3ClientOptions } from '../../../platform/storage/s3-client.js';
import { faultOf, isMissing } from '../../../platform/storage/s3-faults.js';
import { bodyKeyOf } from '../uploads.rules.js';
import { TusBodies } from './tus-bodies.js';
import { faultPoint } from './tus.faults.js';

/** Another process may have changed what this one would remember. */
const REMEMBERS_NOTHING: KvStore<MetadataValue> = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
  delete: () => Promise.resolve(),
};

/** One multipart upload for each upload: its parts, and an object with what is too little for a part, are the offset. */
export class S3TusBodies extends TusBodies {
  private readonly store: SteadyS3Store;

  constructor(config: Config) {
    super();
    this.store = new SteadyS3Store({ s3ClientConfig: { ...s3ClientOptions(config), bucket: config.S3_BUCKET! }, cache: REMEMBERS_NOTHING, useTags: false });
  }

  async create(id: string, size: number | undefined): Promise<void> {
    await told(this.store.create(new Upload({ id: bodyKeyOf(id), size, offset: 0 })));
  }

  async offset(id: string): Promise<number | undefined> {
    try {
      return (await this.store.getUpload(bodyKeyOf(id))).offset;
    } catch (error) {
      if (error === ERRORS.FILE_NOT_FOUND) return undefined;
      throw faultOf(error);
    }
  }

  async declare(id: string, size: number): Promise<void> {
    await told(this.store.declareUploadLength(bodyKeyOf(id), size));
  }

  async append(id: string, offset: number, chunks: AsyncIterable<Buffer>): Promise<number> {
    return told(this.store.write(Readable.from(chunks, { objectMode: false }), bodyKeyOf(id), offset));
  }
}

/** Where the writing to one upload is. */
interface Writing {
  nextPart: number;
  /** Settles when all parts that were begun before are there. */
  before: Promise<unknown>;
}

/**
 * Two things the library does would cost acknowledged bytes when the process dies. It removes the object with the
 * small rest before it sends the part that begins with it: here each rest is called after the part that it waits to
 * become, and counts until that is there; what is left over is tidied with the upload. And it sends parts side by
 * side, though a later one may then be there without an earlier one: here they go one after the other.
 */
class SteadyS3Store extends S3Store {
  private readonly writings = new Map<string, Writing>();

  protected override async uploadParts(metadata: MetadataValue, bytes: Readable, nextPart: number, offset: number): Promise<number> {
    const { id } = metadata.file;
    this.writings.set(id, { nextPart, before: Promise.resolve() });
    try {
      return await super.uploadParts(metadata, bytes, nextPart, offset);
    } finally {
      this.writings.delete(id);
    }
  }

  protected override uploadPart(...[metadata, bytes, part]: Parameters<S3Store['uploadPart']>): Promise<string> {
    return this.inTurn(metadata.file.id, part + 1, () => super.uploadPart(metadata, bytes, part));
  }

  protected override uploadIncompletePart(id: string, bytes: Readable): Promise<string> {
    const { nextPart } = this.writings.get(id)!;
    return this.inTurn(id, nextPart, async () => (await this.client.putObject({ Bucket: this.bucket, Key: restKey(id, nextPart), Body: bytes })).ETag!);
  }

  protected override async getIncompletePart(id: string): Promise<Readable | undefined> {
    return unlessMissing(async () => (await this.client.getObject({ Bucket: this.bucket, Key: await this.currentRest(id) })).Body as Readable);
  }

  protected override async getIncompletePartSize(id: string): Promise<number | undefined> {
    return unlessMissing(async () => (await this.client.headObject({ Bucket: this.bucket, Key: await this.currentRest(id) })).ContentLength);
  }

  /** Called when the rest has been read and before the part that begins with it is sent. */
  protected override deleteIncompletePart(): Promise<void> {
    faultPoint('tus.after-rest');
    return Promise.resolve();
  }

  private inTurn(id: string, nextPart: number, send: () => Promise<string>): Promise<string> {
    const writing = this.writings.get(id);
    // The empty part of an empty upload, which is sent at the end.
    if (!writing) return send();
    const sent = writing.before.then(send);
    this.writings.set(id, { nextPart, before: sent });
    // Whoever sent it hears of it; those behind it fail with it.
    sent.catch(() => undefined);
    return sent;
  }

  private async currentRest(id: string): Promise<string> {
    return restKey(id, (await this.retrieveParts(id)).length + 1);
  }
}

const restKey = (id: string, part: number): string => `${id}.rest-${part}`;

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw faultOf(error);
  }
}
