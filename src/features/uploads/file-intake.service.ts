import { Injectable } from '@nestjs/common';
import { newId } from '../../platform/database/columns.js';
import { changedMeanwhile } from '../../platform/database/sql-errors.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { FileQueueRepository } from './file-queue.repository.js';
import { FileTransitions } from './file-transitions.service.js';
import { FileRepository } from './file.repository.js';
import { LiveFiles } from './live-files.service.js';
import { isAllowed } from './media-type.rules.js';
import { sniff } from './media-type.sniffer.js';
import { UploadQuotaRepository } from './upload-quota.repository.js';
import { fileDeleted, fileEmpty, fileQuota, tooManyUnfinished, typeNotAllowed } from './uploads.errors.js';
import { assertName, assertPresent, MAX_UNFINISHED, reserveFor } from './uploads.rules.js';
import type { Arrival, FilePurpose, FileRecord, Received } from './uploads.types.js';

/** The books of every door: what is set aside for a file, and that it is under way, complete, or was refused. */
@Injectable()
export class FileIntake {
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly transactions: Transactions,
    private readonly files: FileRepository,
    private readonly quotas: UploadQuotaRepository,
    private readonly transitions: FileTransitions,
    private readonly queue: FileQueueRepository,
    private readonly live: LiveFiles,
  ) {}

  /** Calls `listener` whenever a file is to be checked. */
  onAccepted(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Begins a file and sets its bytes aside.
   *
   * @param seconds how long it is waited for without a byte; left out for bytes that come in one go to this process,
   *   which then calls {@link settle} when it is done with them
   * @throws requestInvalid for a name that cannot be taken; fileQuota, tooManyUnfinished
   */
  async open(memberId: string, arrival: Arrival, seconds?: number): Promise<FileRecord> {
    assertName(arrival.name);
    const id = newId();
    const reserved = arrival.size ?? 0;
    await this.transactions.run((tx) => this.quotas.ensure(tx, memberId));
    const record = await this.transactions.run(async (tx) => {
      if (!(await this.quotas.open(tx, memberId, reserved))) throw await this.refusal(tx, memberId);
      await this.files.insert(tx, id, memberId, arrival, { reserved, seconds: seconds ?? this.live.seconds });
      return this.present(tx, id);
    });
    if (seconds === undefined) this.live.add(id);
    return record;
  }

  /**
   * A file does not expire while its bytes come to this process, until {@link settle}.
   *
   * @param stop called soon after its owner has deleted it meanwhile
   */
  keepAlive(id: string, stop?: () => void): void {
    this.live.add(id, stop);
  }

  /** This process is done with the bytes of a file, whatever came of it. */
  settle(id: string): void {
    this.live.delete(id);
  }

  /**
   * Sets enough aside for a file of unknown size that has come to `bytes`: some more than that where there is room.
   *
   * @returns up to how many bytes the file may come now
   * @throws fileQuota; fileDeleted, fileExpired when it is not under way any more
   */
  async grow(id: string, bytes: number): Promise<number> {
    const generous = reserveFor(bytes);
    try {
      await this.reserve(id, generous, null);
      return generous;
    } catch (error) {
      if (!fileQuota.matches(error)) throw error;
      await this.reserve(id, bytes, null);
      return bytes;
    }
  }

  /**
   * Sets aside what a file needs whose size is known now.
   *
   * @throws fileQuota; fileDeleted, fileExpired when it is not under way any more
   */
  async declare(id: string, bytes: number): Promise<void> {
    await this.reserve(id, bytes, bytes);
  }

  /** Waits longer for the rest of an upload. @throws fileDeleted, fileExpired */
  async extend(id: string, seconds: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.underWay(tx, id);
      await this.files.extend(tx, [id], seconds);
    });
  }

  /**
   * The type of a file by its first bytes, when files of that type are taken for this purpose.
   *
   * @param head the first HEAD_BYTES of it, or all when it is shorter
   * @throws fileEmpty, typeNotAllowed
   */
  async judge(purpose: FilePurpose, head: Buffer): Promise<string> {
    if (head.length === 0) throw fileEmpty();
    const mime = await sniff(head);
    if (!isAllowed(purpose, mime)) throw typeNotAllowed({ mime, purpose });
    return mime;
  }

  /**
   * All bytes are stored: from here on the file is Plaza's to check.
   *
   * @throws fileDeleted, fileExpired when it is not under way any more
   */
  async accept(tx: Tx, id: string, received: Received): Promise<FileRecord> {
    const record = await this.underWay(tx, id);
    if (!(await this.files.accept(tx, record, received))) throw changedMeanwhile(`file ${id} has moved on`);
    await this.queue.enqueue(tx, id);
    // One of unknown size has more set aside than it needs.
    await this.setAside(tx, record, received.size);
    tx.afterCommit(() => {
      for (const listener of this.listeners) listener();
    });
    return this.present(tx, id);
  }

  /**
   * Keeps nothing of a file that was refused at its door. Doing so again, or after it has ended otherwise, is no error.
   *
   * @returns why nothing could have been kept anyway, where its owner has deleted it meanwhile
   */
  async abandon(id: string): Promise<Error | undefined> {
    this.settle(id);
    return this.transactions.run(async (tx) => {
      const record = await this.files.find(tx, id);
      if (record?.expiresAt) await this.transitions.abandon(tx, record);
      // Bytes that came after its end.
      else this.transitions.tidyAfter(tx, id);
      return record?.state === 'deleted' ? fileDeleted() : undefined;
    });
  }

  /** @throws fileQuota; fileDeleted, fileExpired */
  private async reserve(id: string, bytes: number, size: number | null): Promise<void> {
    await this.transactions.run(async (tx) => {
      const record = await this.underWay(tx, id);
      if (!(await this.files.setReserved(tx, record, bytes, size))) throw changedMeanwhile(`file ${id} has moved on`);
      await this.setAside(tx, record, bytes);
    });
  }

  /** That much in all, and not besides what is set aside already. Last in its transaction: the member's other files wait for that row. @throws fileQuota */
  private async setAside(tx: Tx, { ownerId, reserved }: FileRecord, bytes: number): Promise<void> {
    if (await this.quotas.change(tx, ownerId, bytes - reserved)) return;
    const { unfinished: _, ...quota } = await this.quotas.get(tx, ownerId);
    throw fileQuota(quota);
  }

  private async refusal(tx: Tx, memberId: string): Promise<Error> {
    const { unfinished, ...quota } = await this.quotas.get(tx, memberId);
    return unfinished >= MAX_UNFINISHED ? tooManyUnfinished({ max: MAX_UNFINISHED }) : fileQuota(quota);
  }

  /** @throws fileDeleted, fileExpired; an Error when its bytes are all there already */
  private async underWay(tx: Tx, id: string): Promise<FileRecord> {
    const record = await this.present(tx, id);
    if (record.state !== 'receiving') throw new Error(`file ${id} is ${record.state}: there is nothing more to receive`);
    return record;
  }

  private async present(tx: Tx, id: string): Promise<FileRecord> {
    const record = await this.files.find(tx, id);
    if (!record) throw fileDeleted();
    return assertPresent(record);
  }
}
