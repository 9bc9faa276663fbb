import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Permission } from '../../platform/auth/permissions.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { personalDataset } from '../../platform/datasets/personal-dataset.js';
import { ExportRepository } from './export.repository.js';
import type { ExportRecord } from './exports.types.js';

/** What a member has exported so far, oldest first. */
@Injectable()
export class ExportsDataset implements OnModuleInit {
  constructor(
    private readonly datasets: Datasets,
    private readonly exports: ExportRepository,
  ) {}

  onModuleInit(): void {
    this.datasets.register(
      personalDataset<ExportRecord, string>({
        name: 'exports',
        permission: Permission.ExportsOrder,
        columns: [
          { name: 'id', type: 'string' }, { name: 'source', type: 'string' }, { name: 'format', type: 'string' }, { name: 'compression', type: 'string' },
          { name: 'filters', type: 'string' }, { name: 'columns', type: 'string' }, { name: 'state', type: 'string' }, { name: 'rows', type: 'integer' },
          { name: 'bytes', type: 'integer' }, { name: 'sha256', type: 'string' }, { name: 'createdAt', type: 'instant' }, { name: 'expiresAt', type: 'instant' },
        ],
        listAfter: (reader, memberId, page) => this.exports.listAfter(reader, memberId, page),
        keyOf: ({ id }) => id,
        rowOf: ({ id, source, format, compression, filters, columns, state, rowsDone, bytes, sha256, createdAt, expiresAt }) => ({
          id, source, format, compression, filters: JSON.stringify(filters), columns: columns.join(','), state, rows: rowsDone, bytes, sha256, createdAt, expiresAt,
        }),
      }),
    );
  }
}
