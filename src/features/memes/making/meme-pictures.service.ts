import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import sharp from 'sharp';
import { FileContents } from '../../uploads/index.js';
import { fileNoImage } from '../memes.errors.js';
import { hasGrain, HASHED_HEIGHT, HASHED_WIDTH, pictureHash } from './picture-hash.rules.js';

/** An upload that a meme can be made of. */
export interface MemePicture {
  readonly fileName: string;
  /** What it looks like. */
  readonly hash: Buffer;
}

/** Looks at the pictures that members make memes of. */
@Injectable()
export class MemePictures {
  constructor(private readonly files: FileContents) {}

  /**
   * A picture of the member's own that is ready. Of one that moves, the first frame counts.
   *
   * @throws notFound, fileNotReady, fileDeleted, fileExpired; fileNoImage
   */
  async look(memberId: string, fileId: string): Promise<MemePicture> {
    const { name, picture } = await this.files.own(memberId, fileId);
    if (picture === undefined) throw fileNoImage();
    // The smallest variant has more than enough pixels, and is turned upright and decoded in a millisecond.
    const thumb = await this.files.own(memberId, fileId, 'thumb');
    return { fileName: name, hash: await hashOf(await buffer(await thumb.open())) };
  }
}

/** Transparent parts as they are shown on a page. */
async function hashOf(bytes: Buffer): Promise<Buffer> {
  const picture = sharp(bytes).flatten({ background: '#fff' }).toColourspace('srgb');
  const [pixels, greens] = await Promise.all([
    picture.clone().resize(HASHED_WIDTH, HASHED_HEIGHT, { fit: 'fill', kernel: 'linear' }).raw().toBuffer(),
    picture.clone().extractChannel('green').raw().toBuffer(),
  ]);
  return pictureHash(pixels, hasGrain(greens));
}
