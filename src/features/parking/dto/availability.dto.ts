import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent } from '../../../platform/http/fields.js';
import { STEPS, type Step } from '../availability/steps.rules.js';
import type { BySize } from '../parking.types.js';

/** `?from=&to=`, both or neither. */
export class WindowQueryDto {
  @ApiPropertyOptional({ format: 'date-time', description: 'RFC 3339 with an offset, on a quarter-hour; together with `to`' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'RFC 3339 with an offset, on a quarter-hour, after `from`' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  to?: string;
}

/** `?from=&to=&step=` */
export class AvailabilityQueryDto {
  @ApiProperty({ format: 'date-time', example: '2026-12-01T00:00:00+01:00', description: 'RFC 3339 with an offset, on a quarter-hour' })
  @IsString()
  @MaxLength(64)
  from: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-08T00:00:00+01:00', description: 'RFC 3339 with an offset, on a quarter-hour, at most 400 days and 2,000 steps after `from`' })
  @IsString()
  @MaxLength(64)
  to: string;

  @ApiPropertyOptional({ enum: STEPS, default: '1h', description: '`1d` are the days of the garage\'s calendar' })
  @IsIn(STEPS)
  step: Step = '1h';
}

export class BySizeDto implements BySize {
  @ApiProperty({ type: 'integer', example: 4 })
  compact: number;

  @ApiProperty({ type: 'integer', example: 12 })
  regular: number;

  @ApiProperty({ type: 'integer', example: 2 })
  large: number;
}

export class FreeStepDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-30T23:00:00.000Z' })
  from: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T00:00:00.000Z' })
  to: string;

  @ApiProperty({ type: BySizeDto, description: 'spots of each size that are free for all of the step' })
  free: BySizeDto;
}

export class AvailabilityDto {
  @ApiProperty({ type: [FreeStepDto] })
  items: FreeStepDto[];

  static from(steps: readonly { from: Date; to: Date; free: BySize }[]): AvailabilityDto {
    return { items: steps.map(({ from, to, free }) => ({ from: from.toISOString(), to: to.toISOString(), free: { ...free } })) };
  }
}
