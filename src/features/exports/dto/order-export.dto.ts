import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsObject, IsOptional, IsString, MaxLength } from 'class-validator';
import type { RawOrder } from '../exports.rules.js';
import { EXPORT_COMPRESSIONS, EXPORT_FORMATS } from '../exports.types.js';

export class OrderExportDto implements RawOrder {
  @ApiProperty({ example: 'memes', maxLength: 64, description: 'one of GET /api/exports/sources' })
  @IsString()
  @MaxLength(64)
  source: string;

  @ApiProperty({ enum: EXPORT_FORMATS, example: 'csv' })
  @IsString()
  @MaxLength(16)
  format: string;

  @ApiPropertyOptional({ enum: EXPORT_COMPRESSIONS, default: 'none', example: 'none' })
  @IsOptional()
  @IsString()
  @MaxLength(16)
  compression?: string;

  @ApiPropertyOptional({
    type: 'object', additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    example: {}, description: 'values by filter name, as the source lists them',
  })
  @IsOptional()
  @IsObject()
  filters?: Record<string, unknown>;

  @ApiPropertyOptional({ type: [String], example: ['id', 'template', 'caption'], description: 'which columns, in which order; all by default' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  columns?: string[];

  @ApiPropertyOptional({ default: true, example: true, description: 'csv: a leading \' before text that a spreadsheet would run as a formula' })
  @IsOptional()
  @IsBoolean()
  guard?: boolean;

  @ApiPropertyOptional({ default: false, example: false, description: 'csv: begin with a byte order mark, for old spreadsheets' })
  @IsOptional()
  @IsBoolean()
  bom?: boolean;
}
