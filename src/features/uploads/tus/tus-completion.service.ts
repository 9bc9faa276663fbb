import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { Storage } from '../../../platform/storage/storage.js';
import { FileIntake } from '../file-intake.service.js';
import { bodyKeyOf, HEAD_BYTES } from '../uploads.rules.js';
import { TusHashes } from './tus-hashes.service.js';
import { TusUploadRepository } from './tus-upload.repository.js';
import { faultPoint } from './tus.faults.js';
import type { Turn, TusRecord } from './tus.types.js';

/** The end of an upload: all its bytes are stored, and it is a file like any other from here on. */
@Injectable()
export class TusCompletion {
  constructor(
    private readonly transactions: Transactions,
    private readonly storage: Storage,
    private readonly intake: FileIntake,
    private readonly uploads: TusUploadRepository,
    private readonly hashes: TusHashes,
  ) {}

  /**
   * May be done again when it was broken off: whoever next looks at an upload that is complete does so.
   *
   * @throws fileEmpty, typeNotAllowed, after which nothing is kept; tusLocked when the lease is lost
   */
  async complete(upload: TusRecord, turn: Turn): Promise<void> {
    const { id, size } = upload.file;
    const sha256 = await this.hashes.of(upload);
    const mime = await this.judge(upload);
    faultPoint('tus.before-accept');
    await this.transactions.run(async (tx) => {
      await this.uploads.fence(tx, turn);
      await this.intake.accept(tx, id, { size: size!, sha256, mime });
    });
    this.hashes.forget(id);
  }

  private async judge({ file: { id, size, purpose } }: TusRecord): Promise<string> {
    const head = await this.head(id, size!);
    try {
      return await this.intake.judge(purpose, head);
    } catch (error) {
      await this.intake.abandon(id);
      throw error;
    }
  }

  private async head(id: string, size: number): Promise<Buffer> {
    return size === 0 ? Buffer.alloc(0) : buffer(this.storage.read(bodyKeyOf(id), { start: 0, end: Math.min(size, HEAD_BYTES) - 1 }));
  }
}
