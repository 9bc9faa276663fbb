import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Permission } from '../../platform/auth/permissions.js';
import { Database } from '../../platform/database/database.js';
import type { Snapshot } from '../../platform/database/transactions.js';
import type { Attachment, DatasetRequest } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { personalDataset } from '../../platform/datasets/personal-dataset.js';
import { FileRepository } from './file.repository.js';
import { FileContents } from './serving/file-contents.service.js';
import { archivedName } from './serving/serving.rules.js';
import type { FileRecord } from './uploads.types.js';

const PAGE_SIZE = 500;

/** What a member has uploaded, oldest first, and the files themselves as they are served. */
@Injectable()
export class UploadsDataset implements OnModuleInit {
  private readonly logger = new Logger(UploadsDataset.name);

  constructor(
    private readonly datasets: Datasets,
    private readonly database: Database,
    private readonly files: FileRepository,
    private readonly contents: FileContents,
  ) {}

  onModuleInit(): void {
    this.datasets.register({
      ...personalDataset<FileRecord, string>({
        name: 'uploads',
        permission: Permission.FilesRead,
        columns: [
          { name: 'id', type: 'string' }, { name: 'name', type: 'string' }, { name: 'state', type: 'string' }, { name: 'rejectCode', type: 'string' },
          { name: 'purpose', type: 'string' }, { name: 'size', type: 'integer' }, { name: 'mime', type: 'string' }, { name: 'sha256', type: 'string' },
          { name: 'width', type: 'integer' }, { name: 'height', type: 'integer' }, { name: 'createdAt', type: 'instant' },
        ],
        listAfter: (reader, memberId, page) => this.files.listAfter(reader, memberId, page),
        keyOf: ({ id }) => id,
        rowOf: ({ id, name, state, rejectCode, purpose, size, mime, sha256, width, height, createdAt }) => ({
          id, name, state, rejectCode, purpose, size, mime, sha256, width, height, createdAt,
        }),
      }),
      attachments: (snapshot, { memberId }) => this.attachments(snapshot, memberId),
    });
  }

  private async *attachments(snapshot: Snapshot, memberId: DatasetRequest['memberId']): AsyncGenerator<Attachment> {
    for (let after: string | undefined; ; ) {
      const files = await this.files.listAfter(snapshot, memberId, { after, limit: PAGE_SIZE });
      for (const { id, name } of files.filter(({ state }) => state === 'ready')) yield { name: `files/${id}/${archivedName(name)}`, open: () => this.open(id) };
      if (files.length < PAGE_SIZE) return;
      after = files.at(-1)!.id;
    }
  }

  /** Asked again when its turn comes, which may be long after the snapshot: what is deleted is not given away. */
  private async open(id: string): ReturnType<Attachment['open']> {
    const file = await this.files.find(this.database, id);
    if (file?.state !== 'ready') return undefined;
    const bytes = await this.contents.read(file);
    if (!bytes) this.logger.error({ fileId: id }, 'the bytes of a file are missing or damaged, and so not in a copy');
    return bytes;
  }
}
