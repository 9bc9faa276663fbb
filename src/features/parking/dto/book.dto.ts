import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, IsUUID, MaxLength } from 'class-validator';
import { DistinctTexts, LowerCased, MayBeAbsent } from '../../../platform/http/fields.js';
import { SPOT_FEATURES, type SpotFeature } from '../parking.types.js';

/** From when to when. Looked at by the rules of the garage, whose refusals say more. */
export class WindowDto {
  @ApiProperty({ format: 'date-time', example: '2026-12-01T09:00:00+01:00', description: 'RFC 3339 with an offset, on a quarter-hour' })
  @IsString()
  @MaxLength(64)
  startsAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T11:00:00+01:00', description: 'RFC 3339 with an offset, on a quarter-hour, after the start' })
  @IsString()
  @MaxLength(64)
  endsAt: string;
}

export class BookDto extends WindowDto {
  @ApiProperty({ format: 'uuid', description: 'of the garage' })
  @LowerCased()
  @IsUUID('all')
  garageId: string;

  @ApiProperty({ format: 'uuid', description: 'of a vehicle of yours' })
  @LowerCased()
  @IsUUID('all')
  vehicleId: string;

  @ApiPropertyOptional({ maxLength: 1_000, description: 'of a quote for the same: its price holds' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(1_000)
  quoteToken?: string;

  @ApiPropertyOptional({ enum: SPOT_FEATURES, isArray: true, example: ['covered'], description: 'that the spot must have' })
  @MayBeAbsent()
  @DistinctTexts(SPOT_FEATURES.length)
  @IsIn(SPOT_FEATURES, { each: true })
  features?: SpotFeature[];
}
