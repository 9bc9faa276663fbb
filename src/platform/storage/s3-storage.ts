import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand, CopyObjectCommand, DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand, paginateListObjectsV2,
  PutObjectCommand, type ListMultipartUploadsCommandOutput, type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { openS3Client } from './s3-client.js';
import { faultOf, isMissing, isNotImplemented, nameOf } from './s3-faults.js';
import { openScratchFolder } from './scratch-folder.js';
import { isNoRoom, storageFull } from './storage.errors.js';
import { assertKey, missingFile, Storage, type DirectUploads, type SignedUpload, type StoredFile } from './storage.js';

const MIB = 1024 * 1024;
/** The least that S3 takes for a part. It takes 10,000 of them, so a file may have 48 GiB. */
const PART_BYTES = 5 * MIB;
/** One part is sent while the next one fills: a write costs some 20 MiB of memory, whatever its size. */
const PARTS_AT_ONCE = 2;
/** A server may copy for as long before it answers; Amazon's takes 5 GiB at most. */
const COPY_MS = 10 * 60_000;
const CHECKSUM = 'x-amz-checksum-sha256';
/** An unfinished write as a key: `<key>.<upload id, encoded>.part`. */
const UNFINISHED = /^(?<key>.+)\.(?<upload>[A-Za-z0-9_-]+)\.part$/;

/** Files in a bucket of S3 or of a server that speaks its protocol. A member's bytes never lie on this machine, but while they are checked. */
export class S3Storage extends Storage implements DirectUploads, OnApplicationShutdown {
  override readonly direct = this;
  private readonly logger = new Logger(S3Storage.name);

  private constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly stagingFolder: string,
  ) {
    super();
  }

  /** @throws StorageBootError when the bucket does not answer */
  static async open(config: Config): Promise<S3Storage> {
    const client = await openS3Client(config);
    const stagingFolder = path.join(config.DATA_DIR, 'staged');
    await openScratchFolder(stagingFolder);
    return new S3Storage(client, config.S3_BUCKET!, stagingFolder);
  }

  onApplicationShutdown(): void {
    this.client.destroy();
  }

  /** Appears with its last part, and not before. What is smaller than a part is sent as one. */
  async write(key: string, body: Readable): Promise<{ bytes: number }> {
    let bytes = 0;
    // It may fail before anybody reads it; what went wrong is asked below.
    body.on('error', () => undefined);
    const counted = async function* (): AsyncGenerator<Buffer> {
      // Left alone when a part fails: being destroyed by us would pass for a failure of its own.
      for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer | string>) {
        const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        bytes += piece.length;
        yield piece;
      }
    };
    try {
      const target = { ...this.at(key), Body: Readable.from(counted(), { objectMode: false }) };
      await new Upload({ client: this.client, params: target, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
      return { bytes };
    } catch (error) {
      // The source may fail with the same codes as the server.
      const reason = body.errored ?? this.faultOf(error);
      body.destroy();
      throw reason;
    }
  }

  read(key: string, range?: { start: number; end: number }): Readable {
    const target = this.at(key);
    const bytes = new PassThrough();
    void this.pour({ ...target, ...(range && { Range: `bytes=${range.start}-${range.end}` }) }, bytes);
    return bytes;
  }

  async find(key: string): Promise<StoredFile | undefined> {
    try {
      const { ContentLength, LastModified } = await this.client.send(new HeadObjectCommand(this.at(key)));
      return { bytes: ContentLength!, modifiedAt: LastModified! };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw this.faultOf(error);
    }
  }

  /** A copy of its own, removed afterwards. */
  async stage<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    const file = path.join(this.stagingFolder, randomUUID());
    try {
      await this.download(key, file);
      return await use(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  async delete(key: string): Promise<void> {
    const unfinished = UNFINISHED.exec(key)?.groups;
    try {
      if (unfinished) await this.abort(unfinished['key']!, Buffer.from(unfinished['upload']!, 'base64url').toString());
      else await this.client.send(new DeleteObjectCommand(this.at(key)));
    } catch (error) {
      if (!isMissing(error)) throw this.faultOf(error);
    }
  }

  async *list(prefix: string): AsyncIterable<StoredFile & { key: string }> {
    const below = { Bucket: this.bucket, Prefix: `${assertKey(prefix.replace(/\/$/, ''))}/` };
    try {
      for await (const { Contents } of paginateListObjectsV2({ client: this.client }, below)) {
        for (const { Key, Size, LastModified } of Contents ?? []) yield { key: Key!, bytes: Size!, modifiedAt: LastModified! };
      }
      yield* this.listUnfinished(below);
    } catch (error) {
      throw this.faultOf(error);
    }
  }

  /** S3 refuses any other length, and checks the hash; servers that only resemble it may not check the hash. */
  async sign(key: string, { bytes, sha256 }: { bytes: number; sha256?: string }, seconds: number): Promise<SignedUpload> {
    const checksum = sha256 === undefined ? undefined : Buffer.from(sha256, 'hex').toString('base64');
    const command = new PutObjectCommand({ ...this.at(key), ContentLength: bytes, ChecksumSHA256: checksum });
    // In the query of the URL, where the signer would put it, it would bind nobody.
    const url = await getSignedUrl(this.client, command, { expiresIn: seconds, unhoistableHeaders: new Set([CHECKSUM]) });
    const expiresAt = new Date(Date.now() + seconds * 1000);
    return { url, expiresAt, headers: { 'content-length': String(bytes), ...(checksum !== undefined && { [CHECKSUM]: checksum }) } };
  }

  async copy(from: string, to: string): Promise<void> {
    try {
      await this.client.send(new CopyObjectCommand({ ...this.at(to), CopySource: `${this.bucket}/${assertKey(from)}` }), { requestTimeout: COPY_MS });
    } catch (error) {
      throw isMissing(error) ? missingFile(from) : this.faultOf(error);
    }
  }

  private async pour(target: { Bucket: string; Key: string; Range?: string }, bytes: PassThrough): Promise<void> {
    const reading = new AbortController();
    bytes.once('close', () => reading.abort());
    try {
      const { Body } = await this.client.send(new GetObjectCommand(target), { abortSignal: reading.signal });
      await pipeline(Body as Readable, bytes);
    } catch (error) {
      // The range begins behind the end: on a disk as well there is nothing to read.
      if (nameOf(error) === 'InvalidRange') bytes.end();
      else if (!bytes.destroyed) bytes.destroy((isMissing(error) ? missingFile(target.Key) : this.faultOf(error)) as Error);
    }
  }

  private async download(key: string, file: string): Promise<void> {
    try {
      await mkdir(this.stagingFolder, { recursive: true });
      await pipeline(this.read(key), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      throw isNoRoom(error) ? storageFull() : error;
    }
  }

  /** Uploads whose parts lie there, and cost, until they are aborted: a process that was killed left them. */
  private async *listUnfinished(below: { Bucket: string; Prefix: string }): AsyncIterable<StoredFile & { key: string }> {
    let page: Partial<ListMultipartUploadsCommandOutput> = {};
    do {
      page = await this.unfinishedPage({ ...below, KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker });
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        yield { key: `${Key}.${Buffer.from(UploadId!).toString('base64url')}.part`, bytes: 0, modifiedAt: Initiated! };
      }
    } while (page.IsTruncated);
  }

  private async unfinishedPage(input: ConstructorParameters<typeof ListMultipartUploadsCommand>[0]): Promise<Partial<ListMultipartUploadsCommandOutput>> {
    try {
      return await this.client.send(new ListMultipartUploadsCommand(input));
    } catch (error) {
      // Such a server has to tidy by itself.
      if (isNotImplemented(error)) return {};
      throw error;
    }
  }

  private async abort(key: string, uploadId: string): Promise<void> {
    await this.client.send(new AbortMultipartUploadCommand({ ...this.at(key), UploadId: uploadId }));
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: assertKey(key) };
  }

  private faultOf(error: unknown): unknown {
    const fault = faultOf(error);
    if (fault !== error) this.logger.error(error, 'the file storage failed');
    return fault;
  }
}
