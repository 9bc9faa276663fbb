import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import { VariantQueryDto } from './variant-query.dto.js';

const HOUR_SECONDS = 3_600;
const WEEK_SECONDS = 7 * 24 * HOUR_SECONDS;

export class LinkFileDto extends VariantQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: WEEK_SECONDS, default: HOUR_SECONDS, example: HOUR_SECONDS, description: 'how long the link is good' })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(WEEK_SECONDS)
  ttlSeconds: number = HOUR_SECONDS;
}

const URL_EXAMPLE = 'http://127.0.0.1:3000/api/files/019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01/shared'
  + '?expires=1769864400&key=Zq0_aw&signature=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export class FileLinkDto {
  @ApiProperty({ format: 'uri', example: URL_EXAMPLE, description: 'shows the file to whoever has it, without login' })
  url: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T13:00:00.000Z' })
  expiresAt: string;

  static from({ url, expiresAt }: { url: string; expiresAt: Date }): FileLinkDto {
    return Object.assign(new FileLinkDto(), { url, expiresAt: expiresAt.toISOString() });
  }
}
