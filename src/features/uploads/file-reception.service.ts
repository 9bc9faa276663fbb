import { createHash } from 'node:crypto';
import { finished, Transform, type Readable, type TransformCallback } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { Storage } from '../../platform/storage/storage.js';
import { FileIntake } from './file-intake.service.js';
import { fileDeleted, fileIncomplete, fileSizeMismatch, fileTooLarge } from './uploads.errors.js';
import { bodyKeyOf, HEAD_BYTES } from './uploads.rules.js';
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
      // The storage may not be listening yet when it fails; what went wrong is asked below.
      meter.on('error', () => undefined);
      this.intake.onGone(id, () => meter.destroy(fileDeleted()));
      const stored = this.storage.write(bodyKeyOf(id), meter);
      const ending = finished(body, { writable: false }, (error) => {
        if (error) meter.destroy(error instanceof DomainError ? error : fileIncomplete());
      });
      body.pipe(meter);
      try {
        await stored;
      } catch (error) {
        throw meter.errored ?? error;
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
  async accept(tx: Tx, { id, size, sha256, mime }: ReceivedFile): Promise<FileRecord> {
    const record = await this.intake.accept(tx, id, { size, sha256, mime });
    tx.afterCommit(() => this.intake.settle(id));
    return record;
  }

  /** Keeps nothing of a file that was received for nothing. */
  async abandon({ id }: ReceivedFile): Promise<void> {
    await this.intake.abandon(id);
  }
}

/** Measures what flows through it and stops it at its limits. */
class Meter extends Transform {
  private readonly hash = createHash('sha256');
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private bytes = 0;
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
    this.bytes += chunk.length;
    if (this.bytes > this.limit) {
      done(fileTooLarge({ maxBytes: this.limit }));
      return;
    }
    this.hash.update(chunk);
    this.keepHead(chunk);
    // Most chunks find both done: no promise for them.
    if (this.bytes <= this.granted && (this.mime !== undefined || this.headBytes < HEAD_BYTES)) done(undefined, chunk);
    else this.permit().then(() => done(undefined, chunk), done);
  }

  /** What came. @throws fileSizeMismatch, fileEmpty, typeNotAllowed */
  async result(): Promise<Received> {
    const { size } = this.delivery;
    if (size !== undefined && size !== this.bytes) throw fileSizeMismatch({ expected: size, received: this.bytes });
    return { size: this.bytes, sha256: this.hash.digest('hex'), mime: this.mime ?? (await this.judge()) };
  }

  private async permit(): Promise<void> {
    if (this.mime === undefined && this.headBytes === HEAD_BYTES) this.mime = await this.judge();
    if (this.bytes > this.granted) this.granted = await this.intake.grow(this.id, this.bytes);
  }

  private judge(): Promise<string> {
    return this.intake.judge(this.delivery.purpose, Buffer.concat(this.head));
  }

  private keepHead(chunk: Buffer): void {
    if (this.headBytes === HEAD_BYTES) return;
    const part = chunk.subarray(0, HEAD_BYTES - this.headBytes);
    this.head.push(part);
    this.headBytes += part.length;
  }
}
