import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { Storage } from '../../../platform/storage/storage.js';
import { BodyTally } from '../body-tally.js';
import { FileIntake } from '../file-intake.service.js';
import { bodyKeyOf } from '../uploads.rules.js';
import type { FilePurpose, Received } from '../uploads.types.js';
import { TusLeases, type TusLease } from './tus-leases.service.js';
import { TusParts } from './tus-parts.service.js';
import { TusUploadRepository } from './tus-upload.repository.js';
import type { TusRecord, TusWords } from './tus.types.js';

/** What the final upload is. */
interface Final {
  readonly name: string;
  readonly purpose: FilePurpose;
  readonly words: TusWords;
}

/** Puts a file together from uploads that came at the same time. */
@Injectable()
export class TusConcatenation {
  constructor(
    private readonly transactions: Transactions,
    private readonly storage: Storage,
    private readonly intake: FileIntake,
    private readonly parts: TusParts,
    private readonly leases: TusLeases,
    private readonly repository: TusUploadRepository,
  ) {}

  /**
   * The parts are read once, which their hash needs anyway, and copied by the way. They keep their share of the quota
   * until the file takes it over in the transaction that ends them: it is never counted twice.
   *
   * @returns the id of the file
   * @throws requestInvalid, notFound, fileDeleted, fileExpired, tusPartUnfinished, tusLocked; fileEmpty, typeNotAllowed, after which not even the parts are kept
   */
  async join(memberId: string, { name, purpose, words }: Final): Promise<string> {
    const parts = await this.parts.of(memberId, words);
    const leases: TusLease[] = [];
    const { id } = await this.intake.open(memberId, { name, purpose, door: 'tus' });
    try {
      // In one order for all, so that two who take the same parts do not wait for each other.
      for (const part of [...parts].sort((a, b) => (a.file.id < b.file.id ? -1 : 1))) leases.push(await this.leases.take(part.file.id, () => undefined));
      const tally = await this.copy(id, parts);
      const mime = await this.judge(purpose, tally.head, parts);
      await this.accept(id, words, leases, { size: tally.bytes, sha256: tally.sha256(), mime });
      return id;
    } catch (error) {
      await this.intake.abandon(id);
      // Parts may be deleted while they are read: then that is the reason.
      if (!(error instanceof DomainError)) await this.parts.of(memberId, words);
      throw error;
    } finally {
      this.intake.settle(id);
      for (const lease of leases) await this.leases.giveBack(lease);
    }
  }

  private async copy(id: string, parts: readonly TusRecord[]): Promise<BodyTally> {
    const tally = new BodyTally();
    const { storage } = this;
    async function* bytes(): AsyncGenerator<Buffer> {
      for (const { file } of parts) {
        if (file.size === 0) continue;
        for await (const chunk of storage.read(bodyKeyOf(file.id)) as AsyncIterable<Buffer>) {
          tally.add(chunk);
          yield chunk;
        }
      }
    }
    await storage.write(bodyKeyOf(id), Readable.from(bytes(), { objectMode: false }));
    return tally;
  }

  private async judge(purpose: FilePurpose, head: Buffer, parts: readonly TusRecord[]): Promise<string> {
    try {
      return await this.intake.judge(purpose, head);
    } catch (error) {
      for (const { file } of parts) await this.intake.abandon(file.id);
      throw error;
    }
  }

  private async accept(id: string, words: TusWords, leases: readonly TusLease[], received: Received): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.parts.end(tx, leases);
      await this.repository.insert(tx, id, words);
      await this.intake.accept(tx, id, received);
    });
  }
}
