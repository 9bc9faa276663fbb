import { createHash, randomUUID, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import pLimit from 'p-limit';
import sharp, { type OutputInfo, type Sharp, type SharpOptions } from 'sharp';
import { Config } from '../../../platform/config/config.js';
import { openScratchFolder } from '../../../platform/storage/scratch-folder.js';
import { Storage } from '../../../platform/storage/storage.js';
import type { PictureType } from '../media-type.rules.js';
import { objectKeyOf } from '../uploads.rules.js';
import { VARIANT_KINDS, type Product, type StoredBytes, type VariantKind } from '../uploads.types.js';
import { scansOf } from './jpeg.inspector.js';
import { FORMAT_OF, MAX_PIXELS, MAX_SCANS, MAX_SECONDS, pictureFault, VARIANT_MIME, VARIANT_SIDE, type PictureHeader } from './picture.rules.js';
import { isMachineFault, Rejection } from './rejection.js';

// One thread a picture: encoders that share the work among threads make other bytes of it on another machine.
sharp.concurrency(1);
// No picture is opened twice.
sharp.cache(false);

/** Broken data is refused, not filled up with grey; mere oddities of cameras are not. */
const READING: SharpOptions = { failOn: 'error', limitInputPixels: MAX_PIXELS, sequentialRead: true };

const ENCODERS: Readonly<Record<PictureType, (picture: Sharp) => Sharp>> = {
  'image/png': (picture) => picture.png(),
  'image/jpeg': (picture) => picture.jpeg({ quality: 85 }),
  'image/gif': (picture) => picture.gif(),
  'image/webp': (picture) => picture.webp({ quality: 85 }),
  // More effort takes twenty times as long: a photo of 12 megapixels would not be done in its time.
  'image/avif': (picture) => picture.avif({ quality: 60, effort: 2 }),
};

/** One picture that is worked on. */
interface Task {
  readonly fileId: string;
  readonly file: string;
  /** A folder for what is half done. */
  readonly scratch: string;
  readonly deadline: number;
}

interface Encoded extends StoredBytes {
  readonly width: number;
  readonly height: number;
}

/**
 * Makes pictures safe to show: decoded, turned as their EXIF says, and encoded anew without anything else that
 * was in the file. Equal files become equal files. As many at once as there are cores: more would only slow each
 * other down.
 */
@Injectable()
export class PictureCleaner implements OnModuleInit {
  private readonly limit = pLimit(availableParallelism());
  /** The encoder of AVIF takes 33 bytes of memory a pixel, up to half a GiB: never two at once. */
  private readonly avifLimit = pLimit(1);
  private readonly folder: string;

  constructor(
    private readonly storage: Storage,
    config: Config,
  ) {
    this.folder = path.join(config.DATA_DIR, 'pictures');
  }

  async onModuleInit(): Promise<void> {
    await openScratchFolder(this.folder);
  }

  /**
   * Stores the cleaned picture, animated if it was, and its variants: still, and never larger than it is.
   *
   * @param file where it lies on this machine
   * @param type as sniffed
   * @throws Rejection `file.image-too-large` (pixels, frames or time), `file.image-corrupt`
   */
  clean(fileId: string, file: string, type: PictureType, signal: AbortSignal): Promise<Product> {
    const limit = type === 'image/avif' ? this.avifLimit : this.limit;
    return limit(async () => {
      signal.throwIfAborted();
      const scratch = await mkdtemp(path.join(this.folder, 'picture-'));
      try {
        return await this.encodeAll({ fileId, file, scratch, deadline: performance.now() + MAX_SECONDS * 1_000 }, type, signal);
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    });
  }

  private async encodeAll(task: Task, type: PictureType, signal: AbortSignal): Promise<Product> {
    const { frames } = await headerOf(task.file, type);
    // What is animated has no EXIF that says how it is to be turned.
    const whole = frames > 1 ? sharp(task.file, { ...READING, animated: true }) : sharp(task.file, READING).autoOrient();
    const { width, height, ...served } = await this.encode(task, 'cleaned', ENCODERS[type](whole));
    const variants: Product['variants'][number][] = [];
    // Each from the next larger one: decoding the original again for every one of them would take most of the time.
    let from = task.file;
    for (const kind of [...VARIANT_KINDS].reverse()) {
      signal.throwIfAborted();
      const side = VARIANT_SIDE[kind];
      const smaller = sharp(from, READING).autoOrient().resize(side, side, { fit: 'inside', withoutEnlargement: true });
      variants.unshift({ kind, mime: VARIANT_MIME, ...(await this.encode(task, kind, smaller.webp())) });
      from = path.join(task.scratch, kind);
    }
    return { served, width, height, variants };
  }

  /** By way of a file, so that memory does not grow with what comes out. */
  private async encode({ fileId, scratch, deadline }: Task, kind: VariantKind | 'cleaned', picture: Sharp): Promise<Encoded> {
    const made = path.join(scratch, kind);
    const seconds = Math.max(1, Math.ceil((deadline - performance.now()) / 1_000));
    const info = await judged(picture.timeout({ seconds }).toFile(made));
    const storageKey = objectKeyOf(fileId, kind, randomUUID());
    const sha256 = createHash('sha256');
    const { bytes } = await this.storage.write(storageKey, Readable.from(hashing(createReadStream(made), sha256)));
    return { storageKey, size: bytes, sha256: sha256.digest('hex'), width: info.width, height: frameHeightOf(info) };
  }
}

/** The header alone is read: it says what decoding would cost. */
async function headerOf(file: string, type: PictureType): Promise<PictureHeader> {
  const { format, width, height, pages: frames = 1 } = await judged(sharp(file, { ...READING, limitInputPixels: false }).metadata());
  if (format !== FORMAT_OF[type]) throw new Rejection('file.image-corrupt', `it is ${format}, not ${type}`);
  const fault = pictureFault(type, { width, height, frames });
  if (fault !== undefined) throw new Rejection('file.image-too-large', fault);
  if (type === 'image/jpeg' && (await scansOf(file, MAX_SCANS + 1)) > MAX_SCANS) throw new Rejection('file.image-too-large', `more than ${MAX_SCANS} scans`);
  return { width, height, frames };
}

/** Of an animated picture the frames are stacked. */
const frameHeightOf = ({ height, pageHeight }: OutputInfo): number => pageHeight ?? height;

async function* hashing(bytes: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

/** What the decoder finds wrong is wrong with the picture, unless the machine failed it. */
async function judged<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (/^timeout: /m.test((error as Error).message)) throw new Rejection('file.image-too-large', `it takes more than ${MAX_SECONDS} s`, { cause: error });
    if (isMachineFault(error)) throw error;
    throw new Rejection('file.image-corrupt', 'it cannot be decoded', { cause: error });
  }
}
