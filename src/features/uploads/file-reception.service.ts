import { finished, Transform, type Readable, type TransformCallback } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { Storage } from '../../platform/storage/storage.js';
import { BodyTally } from './body-tally.js';
import { FileIntake } from './file-intake.service.js';
import { fileDeleted, fileIncomplete, fileSizeMismatch, fileTooLarge } from './uploads.errors.js';
import { bodyKeyOf } from './uploads.rules.js';
import type { Arrival, FileRecord, Received } from './uploads.types.js';

/** A file whose bytes are stored and that nobody has accepted yet. */
export interface ReceivedFile extends Received {
  readonly id: string;
  readonly name: string;
}

/** What a door says of the bytes to come. */
export interface Delivery extends Arrival {
  /** How many bytes this door takes at most. */
  readonly maxBytes?: number;
}

/** Takes the bytes of a file that come in one go, straight into the storage. */
@Injectable()
export class FileReception {
  constructor(
    private readonly intake: FileIntake,
    private readonly storage: Storage,
  ) {}

  /**
   * Stores the bytes of a file. Whoever gets it back either accepts it or abandons it. When it fails nothing is
   * kept, and the rest of `body` is left unread and not destroyed: its owner may still have to answer.
   *
   * @throws requestInvalid, fileQuota, tooManyUnfinished before the first byte; fileTooLarge, fileQuota, typeNotAllowed
   *   in mid-stream; fileDeleted soon after its owner has deleted it; fileIncomplete, fileSizeMismatch, fileEmpty,
   *   storageFull at the end
   */
  async receive(memberId: string, delivery: Delivery, body: Readable): Promise<ReceivedFile> {
    const { size, maxBytes, name } = delivery;
    if (size !== undefined && maxBytes !== undefined && size > maxBytes) throw fileTooLarge({ maxBytes });
    const { id } = await this.intake.open(memberId, delivery);
    try {
      const meter = new Meter(this.intake, id, delivery);
      this.intake.keepAlive(id, () => meter.destroy(fileDeleted()));
      const stored = this.storage.write(bodyKeyOf(id), meter);
      const ending = finished(body, { writable: false }, (error) => {
        if (error) meter.destroy(error instanceof DomainError ? error : fileIncomplete());
      });
      body.pipe(meter);
      try {
        await stored;
      } finally {
        ending();
        body.unpipe(meter);
      }
      return { id, name, ...(await meter.result()) };
    } catch (error) {
      // What is deleted takes its unfinished bytes with it: whatever failed then, that is why.
      throw (await this.intake.abandon(id)) ?? error;
    }
  }

  /** The file is complete and nothing speaks against it at the door. @throws fileDeleted, fileExpired */
  async accept(tx: Tx, file: ReceivedFile): Promise<FileRecord> {
    const record = await this.intake.accept(tx, file.id, file);
    tx.afterCommit(() => this.intake.settle(file.id));
    return record;
  }

  /** Keeps nothing of a file that was received for nothing. */
  async abandon({ id }: ReceivedFile): Promise<void> {
    await this.intake.abandon(id);
  }
}

/** Measures what flows through it and stops it at its limits. */
class Meter extends Transform {
  private readonly tally = new BodyTally();
  private mime: string | undefined;
  private granted: number;
  private readonly limit: number;

  constructor(
    private readonly intake: FileIntake,
    private readonly id: string,
    private readonly delivery: Delivery,
  ) {
    super();
    this.granted = delivery.size ?? 0;
    this.limit = Math.min(delivery.size ?? Infinity, delivery.maxBytes ?? Infinity);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.tally.add(chunk);
    if (this.tally.bytes > this.limit) done(fileTooLarge({ maxBytes: this.limit }));
    // Most chunks find both done: no promise for them.
    else if (this.tally.bytes <= this.granted && (this.mime !== undefined || !this.tally.hasWholeHead)) done(undefined, chunk);
    else this.permit().then(() => done(undefined, chunk), done);
  }

  /** What came. @throws fileSizeMismatch, fileEmpty, typeNotAllowed */
  async result(): Promise<Received> {
    const { size: expected } = this.delivery;
    const size = this.tally.bytes;
    if (expected !== undefined && expected !== size) throw fileSizeMismatch({ expected, received: size });
    return { size, sha256: this.tally.sha256(), mime: this.mime ?? (await this.judge()) };
  }

  private async permit(): Promise<void> {
    if (this.mime === undefined && this.tally.hasWholeHead) this.mime = await this.judge();
    if (this.tally.bytes > this.granted) this.granted = await this.intake.grow(this.id, this.tally.bytes);
  }

  private judge(): Promise<string> {
    return this.intake.judge(this.delivery.purpose, this.tally.head);
  }
}
