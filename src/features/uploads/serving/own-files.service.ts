import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { changedMeanwhile } from '../../../platform/database/sql-errors.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { FileTransitions } from '../file-transitions.service.js';
import { FileRepository } from '../file.repository.js';
import { UploadQuotaRepository, type Quota } from '../upload-quota.repository.js';
import { assertName, assertPresent } from '../uploads.rules.js';
import type { FileRecord } from '../uploads.types.js';

const LIST = 'files';

/** A member's files: looking and deleting. Another member's file is none. */
@Injectable()
export class OwnFiles {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly files: FileRepository,
    private readonly transitions: FileTransitions,
    private readonly quotas: UploadQuotaRepository,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Newest first, from the first byte on; without what is deleted or expired.
   *
   * @throws requestInvalid for a cursor that is not ours
   */
  async list(memberId: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<FileRecord>> {
    const [beforeId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    const found = await this.files.list(memberId, { beforeId, limit: limit + 1 });
    return this.cursors.page(LIST, found, limit, ({ id }) => [id]);
  }

  /** @throws notFound; fileDeleted, fileExpired */
  async get(memberId: string, id: string): Promise<FileRecord> {
    return assertPresent(await this.files.findOwn(this.database, memberId, id));
  }

  /** In bytes. */
  async quota(memberId: string): Promise<Quota> {
    return this.quotas.get(this.database, memberId);
  }

  /**
   * Deletes a file, whatever it is at: its bytes count no more, and who receives or checks them leaves off.
   *
   * @throws notFound; fileDeleted, fileExpired
   */
  async delete(memberId: string, id: string): Promise<void> {
    await this.transactions.run(async (tx) => this.transitions.delete(tx, assertPresent(await this.files.findOwn(tx, memberId, id))));
  }

  /** @throws requestInvalid for a name that cannot be taken; notFound; fileDeleted, fileExpired */
  async rename(memberId: string, id: string, name: string): Promise<void> {
    assertName(name);
    await this.transactions.run(async (tx) => {
      assertPresent(await this.files.findOwn(tx, memberId, id));
      if (!(await this.files.updateName(tx, id, name))) throw changedMeanwhile(`file ${id} has moved on`);
    });
  }
}
