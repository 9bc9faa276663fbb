import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/page.dto.js';
import { percentDone } from '../exports.rules.js';
import {
  EXPORT_COMPRESSIONS, EXPORT_FAILURES, EXPORT_FORMATS, EXPORT_STATES,
  type ExportCompression, type ExportFailure, type ExportFormat, type ExportRecord, type ExportState,
} from '../exports.types.js';

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export class ExportDto {
  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01' })
  id: string;

  @ApiProperty({ enum: EXPORT_STATES, example: 'succeeded' })
  state: ExportState;

  @ApiProperty({ example: 'memes' })
  source: string;

  @ApiProperty({ enum: EXPORT_FORMATS, example: 'csv', description: 'of everything: ndjson, the files in its ZIP' })
  format: ExportFormat;

  @ApiProperty({ enum: EXPORT_COMPRESSIONS, example: 'none' })
  compression: ExportCompression;

  @ApiProperty({ type: 'integer', example: 1500, description: 'rows written so far by this attempt' })
  rowsDone: number;

  @ApiProperty({ type: 'integer', nullable: true, example: 1500, description: 'rows expected; null until a worker has counted' })
  rowsEstimated: number | null;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100, example: 100, description: '100 once the file is there, 99 at most before' })
  percent: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'how many workers began it' })
  attempt: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-01-31T12:00:00.000Z', description: 'the data is as of this time' })
  snapshotAt: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 214503, description: 'size of the file' })
  bytes: number | null;

  @ApiProperty({ type: String, nullable: true, example: SHA256, description: 'hash of the file, hex' })
  sha256: string | null;

  @ApiProperty({ type: String, enum: EXPORT_FAILURES, nullable: true, example: null, description: 'why it failed; the credit, or the free copy of the day, went back' })
  errorCode: ExportFailure | null;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T11:59:58.120Z' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-02-07T12:00:01.004Z', description: 'until when the file is kept' })
  expiresAt: string | null;

  static from(record: ExportRecord): ExportDto {
    const { id, state, source, format, compression, rowsDone, rowsEstimated, attempt, bytes, sha256, errorCode } = record;
    return Object.assign(new ExportDto(), {
      id, state, source, format, compression, rowsDone, rowsEstimated,
      percent: percentDone(record),
      attempt,
      snapshotAt: record.snapshotAt?.toISOString() ?? null,
      bytes, sha256, errorCode,
      createdAt: record.createdAt.toISOString(),
      expiresAt: record.expiresAt?.toISOString() ?? null,
    });
  }
}

export class ExportPageDto {
  @ApiProperty({ type: [ExportDto] })
  items: ExportDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<ExportRecord>): ExportPageDto {
    return Object.assign(new ExportPageDto(), { items: items.map((item) => ExportDto.from(item)), nextCursor });
  }
}
