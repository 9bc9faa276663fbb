import { ApiPropertyOptional } from '@nestjs/swagger';
import { EmptyIsAbsent, IsInstant, MayBeAbsent, TextLength } from '../../../platform/http/fields.js';
import { MAX_DAYS } from '../statistics.rules.js';

/** `?from=&to=&metric=` */
export class StatisticsQueryDto {
  @ApiPropertyOptional({ format: 'date-time', example: '2026-11-15T00:00:00Z', description: `Hours that began at this time or later; 7 days before \`to\` by default, ${MAX_DAYS} at most` })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ format: 'date-time', example: '2026-11-22T00:00:00Z', description: 'Hours that began before this time; now by default' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsInstant()
  to?: Date;

  @ApiPropertyOptional({ example: 'members.active', maxLength: 64, description: 'Name of one metric; all by default' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @TextLength(1, 64)
  metric?: string;
}
