import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, IsBoolean, IsObject, ValidateIf } from 'class-validator';
import { DistinctTexts, MayBeAbsent, TextLength } from '../../../platform/http/fields.js';
import type { RawOrder } from '../exports.rules.js';
import { EVERYTHING, EXPORT_COMPRESSIONS, EXPORT_FORMATS } from '../exports.types.js';

export class OrderExportDto implements RawOrder {
  @ApiProperty({ example: 'memes', minLength: 1, maxLength: 64, description: 'one of GET /api/exports/sources' })
  @TextLength(1, 64)
  source: string;

  @ApiPropertyOptional({ enum: EXPORT_FORMATS, example: 'csv', description: 'required, but for everything: that is a ZIP of ndjson files and takes no format' })
  @ValidateIf(({ source, format }: OrderExportDto) => source !== EVERYTHING || format !== undefined)
  @TextLength(1, 16)
  format?: string;

  @ApiPropertyOptional({ enum: EXPORT_COMPRESSIONS, default: 'none', example: 'none', description: 'a ZIP also holds a manifest.json: columns, rows, size and hash of the file, time of the data' })
  @MayBeAbsent()
  @TextLength(1, 16)
  compression?: string;

  @ApiPropertyOptional({
    type: 'object', additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    example: {}, description: 'values by filter name, as the source lists them',
  })
  @MayBeAbsent()
  @IsObject()
  filters?: Record<string, unknown>;

  @ApiPropertyOptional({ type: [String], example: ['id', 'template', 'caption'], description: 'which columns, in which order; all by default' })
  @MayBeAbsent()
  @DistinctTexts(100)
  @ArrayMinSize(1)
  columns?: string[];

  @ApiPropertyOptional({ default: true, example: true, description: 'csv: a leading \' before text that a spreadsheet would run as a formula' })
  @MayBeAbsent()
  @IsBoolean()
  guard?: boolean;

  @ApiPropertyOptional({ default: false, example: false, description: 'csv: begin with a byte order mark, for old spreadsheets' })
  @MayBeAbsent()
  @IsBoolean()
  bom?: boolean;
}
