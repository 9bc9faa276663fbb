import { once } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { notFound } from '../../platform/errors/house.errors.js';
import { SignedLinks } from '../../platform/http/signed-links.js';
import type { Actor } from '../../platform/auth/actor.js';
import { Storage } from '../../platform/storage/storage.js';
import { ExportSources } from './export-sources.service.js';
import { ExportRepository } from './export.repository.js';
import { exportExpired, linkExpired, linkInvalid, notReady, sourceForbidden } from './exports.errors.js';
import { fileName, mediaType } from './exports.rules.js';
import type { ExportRecord } from './exports.types.js';

const LINK_SECONDS = 15 * 60;

/** A file that may be sent, and how to read it. */
export interface DownloadableFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  /**
   * Opens the file; call it only when its bytes are sent.
   *
   * @param range first and last byte, both included
   * @throws exportExpired when the file is removed at this moment
   */
  open(range?: { start: number; end: number }): Promise<Readable>;
}

/** Hands out exported files by signed link. */
@Injectable()
export class ExportDownloads {
  private readonly logger = new Logger(ExportDownloads.name);

  constructor(
    private readonly exports: ExportRepository,
    private readonly storage: Storage,
    private readonly links: SignedLinks,
    private readonly sources: ExportSources,
  ) {}

  /**
   * A link to the member's file as a path relative to the host, good for 15 minutes; it can be asked for again as long as
   * the file is kept.
   *
   * @throws notFound, notReady, exportExpired; sourceForbidden when the caller, such as an API token of the
   *   member, may not read the data that is in it
   */
  async link(actor: Actor, id: string): Promise<string> {
    const record = await this.exports.findOwn(actor.memberId, id);
    if (!record) throw notFound();
    if (!this.sources.mayHave(record, actor)) throw sourceForbidden();
    assertDownloadable(record);
    return `/api/exports/${id}/file?${new URLSearchParams(this.links.sign(subjectOf(id), LINK_SECONDS)).toString()}`;
  }

  /**
   * The file behind a link.
   *
   * @throws linkInvalid, linkExpired before anything is looked up; exportExpired
   */
  async file(id: string, query: Readonly<Record<string, unknown>>): Promise<DownloadableFile> {
    const link = this.links.check(subjectOf(id), query);
    if (link === 'invalid') throw linkInvalid();
    if (link === 'expired') throw linkExpired();
    const record = await this.exports.find(id);
    if (!record) throw notFound();
    const { storageKey, bytes, sha256 } = assertDownloadable(record);
    const stored = await this.storage.find(storageKey);
    if (stored?.bytes !== bytes) {
      this.logger.error({ exportId: id, storageKey, expected: bytes, found: stored?.bytes }, 'the file of an export is missing or damaged');
      throw exportExpired();
    }
    return { name: fileName(record), mediaType: mediaType(record), bytes, sha256, open: (range) => this.open(storageKey, range) };
  }

  /** Waits for the first bytes: once they are there the file can be read to its end, even if it is removed meanwhile. */
  private async open(storageKey: string, range?: { start: number; end: number }): Promise<Readable> {
    const bytes = this.storage.read(storageKey, range);
    try {
      await once(bytes, 'readable');
      return bytes;
    } catch (error) {
      throw (await this.storage.find(storageKey)) ? error : exportExpired();
    }
  }
}

const subjectOf = (id: string): string[] => ['export', id];

function assertDownloadable(record: ExportRecord): { storageKey: string; bytes: number; sha256: string } {
  const { state, storageKey, bytes, sha256 } = record;
  if (state === 'expired') throw exportExpired();
  if (state !== 'succeeded' || storageKey === null || bytes === null || sha256 === null) throw notReady({ state });
  return { storageKey, bytes, sha256 };
}
