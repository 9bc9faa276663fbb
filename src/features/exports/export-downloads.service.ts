import { Injectable, Logger } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { Storage } from '../../platform/storage/storage.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { DownloadLinks } from './download-links.js';
import { ExportRepository } from './export.repository.js';
import { exportExpired, notReady } from './exports.errors.js';
import { fileName, mediaType } from './exports.rules.js';
import type { ExportRecord } from './exports.types.js';

/** A file that may be sent, and how to read it. */
export interface DownloadableFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Opens the file; call it only when its bytes are sent. @param range first and last byte, both included */
  read(range?: { start: number; end: number }): Readable;
}

/** Hands out exported files by signed link. */
@Injectable()
export class ExportDownloads {
  private readonly logger = new Logger(ExportDownloads.name);

  constructor(
    private readonly exports: ExportRepository,
    private readonly storage: Storage,
    private readonly links: DownloadLinks,
  ) {}

  /**
   * A link to the member's file, good for 15 minutes; it can be asked for again as long as the file is kept.
   *
   * @throws notFound, notReady, exportExpired
   */
  async link(memberId: string, id: string): Promise<string> {
    const record = await this.exports.findOwn(memberId, id);
    if (!record) throw notFound();
    assertDownloadable(record);
    return this.links.sign(id);
  }

  /**
   * The file behind a link.
   *
   * @throws linkInvalid, linkExpired before anything is looked up; exportExpired
   */
  async file(id: string, query: Readonly<Record<string, unknown>>): Promise<DownloadableFile> {
    this.links.verify(id, query);
    const record = await this.exports.find(id);
    if (!record) throw notFound();
    const { storageKey, bytes, sha256 } = assertDownloadable(record);
    const stored = await this.storage.find(storageKey);
    if (stored?.bytes !== bytes) {
      this.logger.error({ exportId: id, storageKey, expected: bytes, found: stored?.bytes }, 'the file of an export is missing or damaged');
      throw exportExpired();
    }
    return { name: fileName(record), mediaType: mediaType(record), bytes, sha256, read: (range) => this.storage.read(storageKey, range) };
  }
}

function assertDownloadable(record: ExportRecord): { storageKey: string; bytes: number; sha256: string } {
  const { state, storageKey, bytes, sha256 } = record;
  if (state === 'expired') throw exportExpired();
  if (state !== 'succeeded' || storageKey === null || bytes === null || sha256 === null) throw notReady({ state });
  return { storageKey, bytes, sha256 };
}
