import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import sharp, { type SharpOptions } from 'sharp';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { FileContents, type ServedFile } from '../../uploads/index.js';
import { fileNoImage, templateUnknown } from '../memes.errors.js';
import { foldName } from '../search/text.rules.js';
import { BACKGROUND_SIZE, BLANK, plainBackground } from './plain-background.rules.js';
import type { Picture } from './render.types.js';
import { TemplatePictureRepository } from './template-picture.repository.js';

/** What is hidden or deleted is seen for no longer than this. */
const KNOWN_FOR_MS = 3_000;
const MOST_KNOWN = 10_000;

/** Of a larger picture its copy of 1600 pixels is read: the whole would take seconds, and much memory. */
const MAX_PIXELS = 2_560_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** The files of uploads were decoded and encoded anew when they came in: what cannot be read now is our fault. */
const READING: SharpOptions = { failOn: 'error', pages: 1 };

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST_NAME = 255;

/** Finds the pictures that words are put on. */
@Injectable()
export class RenderPictures {
  private readonly known = new LRUCache<string, Promise<Picture | undefined>>({ max: MOST_KNOWN, ttl: KNOWN_FOR_MS });

  constructor(
    private readonly templates: TemplatePictureRepository,
    private readonly files: FileContents,
  ) {}

  /**
   * The picture of the template that the first of these names means: `blank`, the name of a template, or the id of
   * a meme with a picture of its own. A template whose memes have none gets a plain background.
   *
   * @throws templateUnknown also for what only AI memes have
   */
  async ofTemplate(names: readonly string[]): Promise<Picture> {
    for (const name of names) {
      const picture = await this.named(name);
      if (picture) return picture;
    }
    throw templateUnknown();
  }

  /** @throws fileNoImage; what FileContents.own throws */
  async own(memberId: string, fileId: string): Promise<Picture> {
    const picture = pictureOf(await this.files.own(memberId, fileId), () => this.files.own(memberId, fileId, 'large'));
    if (!picture) throw fileNoImage();
    return picture;
  }

  private async named(name: string): Promise<Picture | undefined> {
    const folded = foldName(name);
    if (folded === BLANK) return plain(BLANK);
    if (folded === '' || [...name].length > LONGEST_NAME) return undefined;
    // By name as it is spelled: the database may find one spelling and not another.
    const known = this.known.get(name);
    if (known) return known;
    const asked = this.lookUp(name, folded);
    this.known.set(name, asked);
    asked.catch(() => this.known.delete(name));
    return asked;
  }

  private async lookUp(name: string, folded: string): Promise<Picture | undefined> {
    const ownFile = ID.test(folded) ? await this.templates.findFileOf(folded) : undefined;
    // Also where there is nothing to see (any more): no template named like it may take its place.
    if (ownFile !== undefined) return ownFile === null ? undefined : this.uploaded(ownFile);
    const spellings = (await this.templates.list([name, folded])).filter(({ template }) => foldName(template) === folded);
    if (spellings.length === 0) return undefined;
    const fileId = spellings[0]!.fileId;
    return (fileId === null ? undefined : await this.uploaded(fileId)) ?? plain(folded);
  }

  /** Undefined when its owner has deleted it. */
  private async uploaded(fileId: string): Promise<Picture | undefined> {
    try {
      return pictureOf(await this.files.any(fileId), () => this.files.any(fileId, 'large'));
    } catch (error) {
      if (error instanceof DomainError && error.kind !== 'unavailable') return undefined;
      throw error;
    }
  }
}

function plain(name: string): Picture {
  const { width, height } = BACKGROUND_SIZE;
  return { version: `plain:${name}`, size: BACKGROUND_SIZE, open: async () => sharp(plainBackground(name), { raw: { width, height, channels: 3 } }) };
}

/** Undefined when the file is no picture. */
function pictureOf(file: ServedFile, large: () => Promise<ServedFile>): Picture | undefined {
  const { picture: size, sha256, bytes } = file;
  if (!size) return undefined;
  const isLarge = size.width * size.height > MAX_PIXELS || bytes > MAX_BYTES;
  return { version: `file:${sha256}`, size, open: async () => sharp(await buffer(await (isLarge ? await large() : file).open()), READING) };
}
