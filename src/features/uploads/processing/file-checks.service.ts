import { Injectable } from '@nestjs/common';
import { Storage } from '../../../platform/storage/storage.js';
import { VirusScan, type ScanVerdict } from '../../../platform/virus-scan/virus-scan.js';
import { isPicture } from '../media-type.rules.js';
import { bodyKeyOf } from '../uploads.rules.js';
import type { FileRecord, FileRejection, Product } from '../uploads.types.js';
import { inspectArchive } from './archive.inspector.js';
import { PictureCleaner } from './picture.cleaner.js';
import { Rejection } from './rejection.js';

const REJECTED_AS: Readonly<Record<Exclude<ScanVerdict, 'clean'>, FileRejection>> = { infected: 'file.infected', unscannable: 'file.unscannable' };

/** Looks into a received file: first for malware, then as a picture or an archive, whatever it was sent for. */
@Injectable()
export class FileChecks {
  constructor(
    private readonly storage: Storage,
    private readonly virusScan: VirusScan,
    private readonly pictures: PictureCleaner,
  ) {}

  /**
   * What is to be served of a file that is fine. The objects made for it are in the storage by then.
   *
   * @throws Rejection; ScannerUnavailable when nobody knows
   */
  async check({ id, mime, size, sha256 }: FileRecord, signal: AbortSignal): Promise<Product> {
    const storageKey = bodyKeyOf(id);
    return this.storage.stage(storageKey, async (path) => {
      const verdict = await this.virusScan.scan(path, signal);
      if (verdict !== 'clean') throw new Rejection(REJECTED_AS[verdict], `the scanner calls it ${verdict}`);
      if (isPicture(mime!)) return this.pictures.clean(id, path, mime, signal);
      await inspectArchive(path, mime!, signal);
      return { served: { storageKey, size: size!, sha256: sha256! }, width: null, height: null, variants: [] };
    });
  }
}
