import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { CaptionPainter } from './caption.painter.js';
import { RenderPictures } from './render-pictures.service.js';
import type { Painting, Picture, Rendered } from './render.types.js';
import { MEDIA_TYPES } from './render-text.rules.js';

const MAX_CACHED_BYTES = 64 * 1024 * 1024;
/** What a picture takes besides its bytes and what it is known by: of the smallest there are most. */
const OVERHEAD = 500;
/** Pictures that wait for a core; who comes then is sent away. */
export const MAX_WAITING = 64;

/** A picture with words, as a member asks for it. */
export interface RenderOrder extends Painting {
  readonly template?: string;
  readonly fileId?: string;
}

/** Pictures with words on them: drawn when they are asked for, and kept for a while. */
@Injectable()
export class Renders {
  private readonly cores = availableParallelism();
  /** More at once would only slow each other down. */
  private readonly limit = pLimit(this.cores);
  private readonly drawn = new LRUCache<string, Rendered>({ maxSize: MAX_CACHED_BYTES, sizeCalculation: ({ bytes }, key) => bytes.length + 2 * key.length + OVERHEAD });
  private readonly underWay = new Map<string, Promise<Rendered>>();

  constructor(
    private readonly pictures: RenderPictures,
    private readonly painter: CaptionPainter,
  ) {}

  /**
   * Words on the picture of a template, for anybody.
   *
   * @param names what the address may mean, in this order
   * @throws templateUnknown; serverBusy when too many are waiting
   */
  async ofTemplate(names: readonly string[], painting: Painting): Promise<Rendered> {
    return this.render(await this.pictures.ofTemplate(names), painting);
  }

  /**
   * Words on a template or on a file of the member's own.
   *
   * @throws requestInvalid unless there is exactly one of template and fileId; templateUnknown; fileNoImage, and what
   *   FileContents.own throws; serverBusy when too many are waiting
   */
  async order(memberId: string, { template, fileId, ...painting }: RenderOrder): Promise<Rendered> {
    if (fileId !== undefined && template === undefined) return this.render(await this.pictures.own(memberId, fileId), painting);
    if (template !== undefined && fileId === undefined) return this.ofTemplate([template], painting);
    throw requestInvalid({ errors: [{ path: 'template', message: 'give either template or fileId' }] });
  }

  private render(picture: Picture, painting: Painting): Rendered | Promise<Rendered> {
    const { upper, lower, format, width } = painting;
    const key = JSON.stringify([picture.version, upper, lower, format, width]);
    return this.drawn.get(key) ?? this.underWay.get(key) ?? this.begin(key, picture, painting);
  }

  private begin(key: string, picture: Picture, painting: Painting): Promise<Rendered> {
    if (this.limit.activeCount + this.limit.pendingCount >= this.cores + MAX_WAITING) throw serverBusy({ retryAfterSeconds: 2 });
    const drawing = this.limit(() => this.draw(key, picture, painting)).finally(() => this.underWay.delete(key));
    this.underWay.set(key, drawing);
    return drawing;
  }

  private async draw(key: string, picture: Picture, painting: Painting): Promise<Rendered> {
    const bytes = await this.painter.paint(await picture.open(), picture.size, painting);
    const rendered = { bytes, mediaType: MEDIA_TYPES[painting.format], etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
    this.drawn.set(key, rendered);
    return rendered;
  }
}
