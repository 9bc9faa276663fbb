import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { DistinctTexts, MayBeAbsent, TextLine } from '../../../platform/http/fields.js';
import type { Moved } from '../garages/reallocation.service.js';
import { SIZES, SPOT_FEATURES, type Size, type Spot, type SpotFeature } from '../parking.types.js';
import { movedOf, MovedDto } from './moved.dto.js';

const MOST_ORD = 1_000_000;

/** `POST /api/garages/:id/spots` */
export class AddSpotDto {
  @ApiProperty({ minLength: 1, maxLength: 40, example: 'A-12' })
  @TextLine(1, 40)
  label: string;

  @ApiProperty({ enum: SIZES, example: 'regular', description: 'the largest that fits' })
  @IsIn(SIZES)
  size: Size;

  @ApiPropertyOptional({ enum: SPOT_FEATURES, isArray: true, example: ['covered'] })
  @MayBeAbsent()
  @DistinctTexts(SPOT_FEATURES.length)
  @IsIn(SPOT_FEATURES, { each: true })
  features: SpotFeature[] = [];

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MOST_ORD, default: 0, description: 'of spots that fit alike, the one with the smaller number is given first' })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST_ORD)
  ord: number = 0;
}

export class SpotDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  garageId: string;

  @ApiProperty({ example: 'A-12' })
  label: string;

  @ApiProperty({ enum: SIZES, example: 'regular' })
  size: Size;

  @ApiProperty({ enum: SPOT_FEATURES, isArray: true, example: ['covered'] })
  features: SpotFeature[];

  @ApiProperty({ type: 'integer', example: 0 })
  ord: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'from then on it takes nobody; null while it is in use' })
  activeTo: string | null;

  static from({ id, garageId, label, size, features, ord, activeTo }: Spot): SpotDto {
    return { id, garageId, label, size, features: [...features], ord, activeTo: activeTo === null ? null : activeTo.toISOString() };
  }
}

export class SpotListDto {
  @ApiProperty({ type: [SpotDto] })
  items: SpotDto[];

  static from(spots: readonly Spot[]): SpotListDto {
    return { items: spots.map((spot) => SpotDto.from(spot)) };
  }
}

/** `POST /api/spots/:id/retire` */
export class RetireSpotDto {
  @ApiPropertyOptional({ default: false, description: 'whether stays that it has after that are given other spots' })
  @MayBeAbsent()
  @IsBoolean()
  reallocate: boolean = false;

  @ApiPropertyOptional({ format: 'date-time', example: '2026-12-01T00:00:00+01:00', description: 'RFC 3339 with an offset, on a quarter-hour; the next one when left out' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  from?: string;
}

export class RetiredSpotDto extends MovedDto {
  @ApiProperty({ type: SpotDto })
  spot: SpotDto;

  static from(spot: Spot, moved: Moved): RetiredSpotDto {
    return { spot: SpotDto.from(spot), ...movedOf(moved) };
  }
}
