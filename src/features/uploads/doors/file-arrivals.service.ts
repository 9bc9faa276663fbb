import { Injectable } from '@nestjs/common';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, withContent, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { FileReception, type ReceivedFile } from '../file-reception.service.js';
import type { FileRecord } from '../uploads.types.js';

/** The last step of every door that takes files in one go: all of them are accepted at once, and once per Idempotency-Key. */
@Injectable()
export class FileArrivals {
  constructor(
    private readonly reception: FileReception,
    private readonly idempotency: Idempotency,
  ) {}

  /**
   * Accepts files, or replays the first answer and keeps nothing of what was sent again.
   *
   * @throws idempotencyInProgress, idempotencyKeyReused
   */
  async accept(key: IdempotencyRequest, files: readonly ReceivedFile[], answer: (records: FileRecord[]) => Answer): Promise<Answer> {
    let accepted = false;
    const work = async (tx: Parameters<FileReception['accept']>[0]): Promise<FileRecord[]> => {
      const records: FileRecord[] = [];
      for (const file of files) records.push(await this.reception.accept(tx, file));
      tx.afterCommit(() => {
        accepted = true;
      });
      return records;
    };
    try {
      return await this.idempotency.run(withContent(key, files.map(({ name, sha256 }) => [name, sha256])), work, answer);
    } finally {
      if (!accepted) for (const file of files) await this.reception.abandon(file);
    }
  }
}
