import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Storage, type DirectUploads, type SignedUpload } from '../../../platform/storage/storage.js';
import { FileIntake } from '../file-intake.service.js';
import { fileEmpty, fileTooLarge } from '../uploads.errors.js';
import { incomingKeyOf } from '../uploads.rules.js';
import type { FilePurpose, FileRecord } from '../uploads.types.js';
import { presignUnavailable } from './doors.errors.js';
import { PresignedUploadRepository } from './presigned-upload.repository.js';
import { MAX_PRESIGNED_BYTES, PRESIGNED_SECONDS } from './presigned.rules.js';

const HOUR_SECONDS = 60 * 60;

export interface Announcement {
  readonly name: string;
  readonly purpose: FilePurpose;
  readonly size: number;
  /** Hex. */
  readonly sha256?: string;
}

/** A file whose bytes are waited for, and how to send them. */
export interface Invitation extends SignedUpload {
  readonly record: FileRecord;
}

/** Lets clients send the bytes of a file to the storage themselves. */
@Injectable()
export class PresignedDoor {
  constructor(
    private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly storage: Storage,
    private readonly intake: FileIntake,
    private readonly uploads: PresignedUploadRepository,
  ) {}

  /**
   * Begins a file and sets its bytes aside.
   *
   * @throws presignUnavailable; requestInvalid, fileEmpty, fileTooLarge; fileQuota, tooManyUnfinished; storageUnavailable
   */
  async invite(memberId: string, { sha256, ...announced }: Announcement): Promise<Invitation> {
    const { direct } = this.storage;
    if (!direct) throw presignUnavailable();
    if (announced.size === 0) throw fileEmpty();
    if (announced.size > MAX_PRESIGNED_BYTES) throw fileTooLarge({ maxBytes: MAX_PRESIGNED_BYTES });
    const record = await this.intake.open(memberId, { ...announced, door: 'presigned' }, this.config.UPLOAD_EXPIRY_HOURS * HOUR_SECONDS);
    try {
      return { record, ...(await this.sign(direct, record, announced.size, sha256)) };
    } catch (error) {
      throw (await this.intake.abandon(record.id)) ?? error;
    }
  }

  private async sign(direct: DirectUploads, { id }: FileRecord, bytes: number, sha256: string | undefined): Promise<SignedUpload> {
    await this.transactions.run((tx) => this.uploads.insert(tx, id, sha256 ?? null));
    return direct.sign(incomingKeyOf(id), { bytes, sha256 }, PRESIGNED_SECONDS);
  }
}
