import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { notFound, serverBusy } from '../../../platform/errors/house.errors.js';
import { Storage } from '../../../platform/storage/storage.js';
import { BodyTally } from '../body-tally.js';
import { FileIntake } from '../file-intake.service.js';
import { FileRepository } from '../file.repository.js';
import { fileDeleted, fileSizeMismatch } from '../uploads.errors.js';
import { assertPresent, bodyKeyOf, incomingKeyOf } from '../uploads.rules.js';
import type { FileRecord, Received } from '../uploads.types.js';
import { digestMismatch, fileNotUploaded, presignUnavailable } from './doors.errors.js';
import { PresignedUploadRepository, type PresignedRecord } from './presigned-upload.repository.js';

const BUSY_SECONDS = 5;
/** Time until the first heartbeat of the process that takes the bytes: from then on it lives as long as that does. */
const TAKING_SECONDS = 120;

const takenRightNow = (): Error => serverBusy({ retryAfterSeconds: BUSY_SECONDS }, 'The bytes of this file are being taken right now.');

/** Takes the bytes that a client has sent to the storage itself. */
@Injectable()
export class PresignedCompletion {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly storage: Storage,
    private readonly intake: FileIntake,
    private readonly files: FileRepository,
    private readonly uploads: PresignedUploadRepository,
  ) {}

  /**
   * Doing so again answers the file as it is by then. Bytes that are refused are not kept, and nothing else of the
   * file: it is begun anew.
   *
   * @throws notFound, fileDeleted, fileExpired, presignUnavailable; fileNotUploaded; fileSizeMismatch, digestMismatch,
   *   typeNotAllowed, storageUnavailable; serverBusy while another request takes the bytes
   */
  async complete(memberId: string, id: string): Promise<FileRecord> {
    const record = await this.own(memberId, id);
    if (record.state !== 'receiving') return record;
    const upload = await this.uploads.find(this.database, id);
    if (!upload) return this.unlessReceiving(memberId, id, notFound());
    const arrived = await this.storage.find(incomingKeyOf(id));
    if (!arrived) return this.unlessReceiving(memberId, id, fileNotUploaded());
    // Only one ever copies, even of two in different processes: a second copy might bring other bytes after the first were looked at.
    if (!(await this.begin(id))) return this.unlessReceiving(memberId, id, takenRightNow());
    try {
      if (arrived.bytes !== record.size) throw fileSizeMismatch({ expected: record.size!, received: arrived.bytes });
      return await this.take(record, upload);
    } catch (error) {
      throw (await this.intake.abandon(id)) ?? error;
    }
  }

  /** The rest of its time was for the sender: now it expires soon when this process is killed, and can be begun anew. */
  private begin(id: string): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      const taken = await this.uploads.take(tx, id);
      if (taken) await this.files.extend(tx, [id], TAKING_SECONDS);
      return taken;
    });
  }

  private async take(record: FileRecord, { sha256 }: PresignedRecord): Promise<FileRecord> {
    const { id, size } = record;
    if (!this.storage.direct) throw presignUnavailable();
    this.intake.keepAlive(id);
    await this.storage.direct.copy(incomingKeyOf(id), bodyKeyOf(id));
    const received = await this.measure(record);
    if (received.size !== size) throw fileSizeMismatch({ expected: size!, received: received.size });
    if (sha256 !== null && sha256 !== received.sha256) throw digestMismatch({}, 'The bytes are not those whose sha256 was announced. Begin the file again.');
    return this.transactions.run(async (tx) => {
      await this.uploads.delete(tx, id);
      tx.afterCommit(() => this.intake.settle(id));
      return this.intake.accept(tx, id, received);
    });
  }

  /** What the copy is: the one that is checked and served. @throws typeNotAllowed; fileDeleted soon after its owner has deleted it */
  private async measure({ id, purpose }: FileRecord): Promise<Received> {
    const bytes = this.storage.read(bodyKeyOf(id));
    this.intake.keepAlive(id, () => bytes.destroy(fileDeleted()));
    const tally = new BodyTally();
    for await (const chunk of bytes as AsyncIterable<Buffer>) tally.add(chunk);
    return { size: tally.bytes, sha256: tally.sha256(), mime: await this.intake.judge(purpose, tally.head) };
  }

  /** What stands in the way may do so because another request has completed the file meanwhile. */
  private async unlessReceiving(memberId: string, id: string, obstacle: Error): Promise<FileRecord> {
    const record = await this.own(memberId, id);
    if (record.state === 'receiving') throw obstacle;
    return record;
  }

  private async own(memberId: string, id: string): Promise<FileRecord> {
    return assertPresent(await this.files.findOwn(this.database, memberId, id));
  }
}
