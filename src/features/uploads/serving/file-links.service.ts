import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { SignedLinks } from '../../../platform/http/signed-links.js';
import { fileLinkExpired, fileLinkInvalid } from '../uploads.errors.js';
import { VARIANT_KINDS, type VariantKind } from '../uploads.types.js';
import { FileContents, type ServedFile } from './file-contents.service.js';

export interface FileLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/** Links that show a file, or a smaller picture of it, to whoever has them. */
@Injectable()
export class FileLinks {
  constructor(
    private readonly config: Config,
    private readonly links: SignedLinks,
    private readonly contents: FileContents,
  ) {}

  /**
   * A link that is good for so many seconds, or until the file is deleted.
   *
   * @throws notFound, fileDeleted, fileExpired, fileNotReady
   */
  async link(memberId: string, id: string, { ttlSeconds, variant }: { ttlSeconds: number; variant?: VariantKind }): Promise<FileLink> {
    await this.contents.own(memberId, id, variant);
    const signed = this.links.sign(subjectOf(id, variant), ttlSeconds);
    const query = new URLSearchParams({ ...(variant && { variant }), ...signed });
    return { url: `${this.config.PUBLIC_URL}/api/files/${id}/shared?${query.toString()}`, expiresAt: new Date(Number(signed.expires) * 1000) };
  }

  /**
   * The file behind a link.
   *
   * @throws fileLinkInvalid, fileLinkExpired before anything is looked up; fileDeleted; notFound once it is forgotten
   */
  async file(id: string, { variant, ...query }: Readonly<Record<string, unknown>>): Promise<ServedFile> {
    const kind = VARIANT_KINDS.find((known) => known === variant);
    if (kind !== variant) throw fileLinkInvalid();
    const link = this.links.check(subjectOf(id, kind), query);
    if (link === 'invalid') throw fileLinkInvalid();
    if (link === 'expired') throw fileLinkExpired();
    return this.contents.any(id, kind);
  }
}

const subjectOf = (id: string, variant?: VariantKind): string[] => ['file', id, ...(variant ? [variant] : [])];
