import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, IsString, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { DistinctTexts, MayBeAbsent } from '../../../platform/http/fields.js';
import { SIZES, WEEKDAYS, type Size, type TariffElement, type Weekday } from '../parking.types.js';

const MOST_ELEMENTS = 100;
/** With it, a stay of the longest kind is still an exact number. */
const MOST_HOURLY_MINOR = 10_000_000;
const DAY_MINUTES = 1_440;

/** What an hour costs for vehicles of one size. */
export class RateDto {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: MOST_HOURLY_MINOR, example: 250, description: 'minor units of the currency for an hour' })
  @IsInt()
  @Min(0)
  @Max(MOST_HOURLY_MINOR)
  hourlyMinor: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: DAY_MINUTES, default: 60, description: 'time is billed in steps of so many minutes' })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(DAY_MINUTES)
  stepMinutes: number = 60;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MOST_HOURLY_MINOR, example: 2000, description: 'the most that the hours of this element cost on one local date; without it there is no such limit' })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST_HOURLY_MINOR)
  dailyCapMinor?: number;
}

/** A price of one size, at some times or always: the first that matches holds. */
export class TariffElementDto extends RateDto implements TariffElement {
  @ApiProperty({ enum: SIZES, example: 'regular', description: 'of the vehicle' })
  @IsIn(SIZES)
  size: Size;

  @ApiPropertyOptional({ enum: WEEKDAYS, isArray: true, description: 'local days of the week on which it holds; every day when left out' })
  @MayBeAbsent()
  @DistinctTexts(WEEKDAYS.length)
  @IsIn(WEEKDAYS, { each: true })
  daysOfWeek?: Weekday[];

  @ApiPropertyOptional({ example: '18:00', description: 'local time from which on it holds, HH:MM on a quarter-hour; only together with endTime' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(5)
  startTime?: string;

  @ApiPropertyOptional({ example: '06:00', description: 'local time up to which it holds: not after startTime means on the next day' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(5)
  endTime?: string;
}

/** `PUT /api/garages/:id/tariff` */
export class SetTariffDto {
  @ApiProperty({ type: [TariffElementDto], minItems: 3, maxItems: MOST_ELEMENTS, description: 'of each size the last one holds at all times' })
  @IsArray()
  @ArrayMaxSize(MOST_ELEMENTS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => TariffElementDto)
  elements: TariffElementDto[];
}

/** The prices that new reservations go by. */
export class TariffDto {
  @ApiProperty({ type: 'integer', example: 1, description: 'grows by one with every change; a reservation keeps the version that it was made with' })
  version: number;

  @ApiProperty({ type: [TariffElementDto] })
  elements: TariffElementDto[];

  static from(version: number, elements: readonly TariffElement[]): TariffDto {
    return { version, elements: elements.map(({ daysOfWeek, ...element }) => ({ ...element, ...(daysOfWeek && { daysOfWeek: [...daysOfWeek] }) })) };
  }
}
