import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/page.dto.js';
import type { FileRecord } from '../uploads.types.js';
import { FileDto } from './file.dto.js';

export class FilePageDto {
  @ApiProperty({ type: [FileDto] })
  items: FileDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<FileRecord>): FilePageDto {
    return Object.assign(new FilePageDto(), { items: items.map((item) => FileDto.from(item)), nextCursor });
  }
}
