import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { ByteRange, FileFacts } from '../../../platform/http/file-answer.js';
import { Storage } from '../../../platform/storage/storage.js';
import { BlobRepository, type BlobRecord } from '../blob.repository.js';
import { FileRepository } from '../file.repository.js';
import { fileNotReady } from '../uploads.errors.js';
import { assertPresent } from '../uploads.rules.js';
import type { FileRecord, VariantKind } from '../uploads.types.js';
import { isShown, sentAs, variantName } from './serving.rules.js';

/** A file that may be sent, and how to read it. */
export interface ServedFile extends FileFacts {
  /** Its size in pixels, if it is a picture. */
  readonly picture?: { readonly width: number; readonly height: number };
  /**
   * Opens the file; call it only when its bytes are sent.
   *
   * @throws fileDeleted when it goes at this moment; an Error when the storage has lost it
   */
  open(range?: ByteRange): Promise<Readable>;
}

/** Kept by its reader alone, who asks each time whether it is still there: a 304 spares the bytes, and what was deleted is gone at once. */
const ASKED_EACH_TIME = 'private, no-cache';

/** The bytes of files that are ready. */
@Injectable()
export class FileContents {
  constructor(
    private readonly database: Database,
    private readonly files: FileRepository,
    private readonly blobs: BlobRepository,
    private readonly storage: Storage,
  ) {}

  /**
   * A file of the member's own, or a smaller picture of it.
   *
   * @throws notFound, also for a variant that it has not; fileDeleted, fileExpired; fileNotReady
   */
  async own(memberId: string, id: string, kind?: VariantKind): Promise<ServedFile> {
    return this.served(await this.files.findOwn(this.database, memberId, id), kind);
  }

  /** Anybody's file: for who has shown to be let in. @throws as {@link own} */
  async any(id: string, kind?: VariantKind): Promise<ServedFile> {
    return this.served(await this.files.find(this.database, id), kind);
  }

  /** The bytes that are served of a ready file. Undefined when the storage does not have them (any more). */
  async read({ blobId }: Pick<FileRecord, 'blobId'>): Promise<Readable | undefined> {
    return this.bytes(await this.blobs.get(this.database, blobId!));
  }

  private async served(record: FileRecord | undefined, kind?: VariantKind): Promise<ServedFile> {
    const { id, name, mime, blobId, variants, ...whole } = assertReady(record);
    const variant = kind === undefined ? undefined : variants.find((one) => one.kind === kind);
    if (kind !== undefined && !variant) throw notFound();
    const blob = await this.blobs.get(this.database, variant?.blobId ?? blobId!);
    const type = variant?.mime ?? mime!;
    const { width, height } = variant ?? whole;
    return {
      name: variant ? variantName(name, variant.kind) : name,
      mediaType: sentAs(type),
      bytes: blob.size,
      sha256: blob.sha256,
      inline: isShown(type),
      cacheControl: ASKED_EACH_TIME,
      ...(width !== null && height !== null && { picture: { width, height } }),
      open: async (range) => (await this.bytes(blob, range)) ?? this.refuseLost(id, blob),
    };
  }

  /** Waits for the first bytes: once they are there the file can be read to its end, even if it is removed meanwhile. */
  private async bytes({ storageKey, size }: BlobRecord, range?: ByteRange): Promise<Readable | undefined> {
    if ((await this.storage.find(storageKey))?.bytes !== size) return undefined;
    const bytes = this.storage.read(storageKey, range);
    try {
      await once(bytes, 'readable');
      return bytes;
    } catch (error) {
      if (await this.storage.find(storageKey)) throw error;
      return undefined;
    }
  }

  /** The bytes of a file that was deleted a moment ago may be swept already; any other fault is the storage's. */
  private async refuseLost(id: string, { storageKey, size }: BlobRecord): Promise<never> {
    const record = await this.files.find(this.database, id);
    if (record) assertReady(record);
    throw new Error(`the ${size} bytes of file ${id} at ${storageKey} are missing or damaged`);
  }
}

function assertReady(found: FileRecord | undefined): FileRecord {
  const record = assertPresent(found);
  const { state, rejectCode } = record;
  if (state !== 'ready') throw fileNotReady({ state, ...(rejectCode !== null && { rejectCode }) });
  return record;
}
