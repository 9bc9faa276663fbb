import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transactions.js';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { FileTransitions } from '../file-transitions.service.js';
import { TusBodies } from './tus-bodies.js';
import { TusUploadRepository } from './tus-upload.repository.js';
import { TusUploads } from './tus-uploads.service.js';
import { tusPartUnfinished } from './tus.errors.js';
import { isPart, partsOf } from './tus.rules.js';
import type { Turn, TusRecord, TusWords } from './tus.types.js';

/** Partial uploads, which wait for the final one that they are put together to. */
@Injectable()
export class TusParts {
  constructor(
    private readonly uploads: TusUploads,
    private readonly repository: TusUploadRepository,
    private readonly bodies: TusBodies,
    private readonly transitions: FileTransitions,
  ) {}

  /**
   * Those that a final upload names, in its order.
   *
   * @throws requestInvalid, notFound, fileDeleted, fileExpired, tusPartUnfinished
   */
  async of(memberId: string, words: TusWords): Promise<TusRecord[]> {
    const parts: TusRecord[] = [];
    for (const id of partsOf(words)) {
      const part = await this.uploads.getOwn(memberId, id);
      if (!isPart(part)) throw requestInvalid({ errors: [{ path: 'Upload-Concat', message: `${id} is no partial upload` }] });
      if (part.file.size === null || (part.file.size > 0 && (await this.bodies.offset(id)) !== part.file.size)) throw tusPartUnfinished({ id });
      parts.push(part);
    }
    return parts;
  }

  /** Ends them, and gives back what they hold of the quota. @throws tusLocked when a lease on one of them is lost */
  async end(tx: Tx, turns: readonly Turn[]): Promise<void> {
    for (const turn of turns) {
      await this.repository.fence(tx, turn);
      await this.transitions.abandon(tx, (await this.uploads.get(turn.id, tx)).file);
    }
  }
}
