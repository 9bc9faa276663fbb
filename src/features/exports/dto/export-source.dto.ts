import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { PermissionSet } from '../../../platform/auth/permission-set.js';
import type { ColumnType, DatasetFilter } from '../../../platform/datasets/dataset.js';
import { filterChoices } from '../exports.rules.js';
import type { ExportSource } from '../exports.types.js';

const COLUMN_TYPES: readonly ColumnType[] = ['string', 'integer', 'number', 'boolean', 'instant', 'date'];
const FILTER_TYPES: readonly DatasetFilter['type'][] = ['string', 'integer', 'boolean', 'instant'];

export class SourceColumnDto {
  @ApiProperty({ example: 'caption' })
  name: string;

  @ApiProperty({ enum: COLUMN_TYPES, example: 'string' })
  type: ColumnType;
}

export class SourceFilterDto {
  @ApiProperty({ example: 'template' })
  name: string;

  @ApiProperty({ enum: FILTER_TYPES, example: 'string' })
  type: DatasetFilter['type'];

  @ApiProperty({ example: 'name of the template, whole' })
  description: string;

  @ApiPropertyOptional({ type: [String], example: ['normal'], description: 'the values allowed, when they are few' })
  values?: readonly string[];

  static from(filter: DatasetFilter, permissions: PermissionSet): SourceFilterDto {
    const { name, type, description } = filter;
    return Object.assign(new SourceFilterDto(), { name, type, description, values: filterChoices(filter, permissions) });
  }
}

export class ExportSourceDto {
  @ApiProperty({ example: 'memes' })
  name: string;

  @ApiProperty({ type: [SourceColumnDto] })
  columns: SourceColumnDto[];

  @ApiProperty({ type: [SourceFilterDto] })
  filters: SourceFilterDto[];

  /** As it is offered to someone with these permissions. */
  static from({ name, columns, filters }: ExportSource, permissions: PermissionSet): ExportSourceDto {
    return Object.assign(new ExportSourceDto(), {
      name,
      columns: columns.map((column) => ({ name: column.name, type: column.type })),
      filters: filters.map((filter) => SourceFilterDto.from(filter, permissions)),
    });
  }
}
