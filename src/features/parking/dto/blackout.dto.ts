import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsString, IsUUID, MaxLength } from 'class-validator';
import { LowerCased, MayBeAbsent, TextLine } from '../../../platform/http/fields.js';
import type { BlackoutRecord } from '../garages/blackout.repository.js';
import type { Moved } from '../garages/reallocation.service.js';
import { movedOf, type MovedDto } from './moved.dto.js';
import { ReservationDto } from './reservation.dto.js';

/** `POST /api/garages/:id/blackouts` */
export class LayBlackoutDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'of one spot; all of the garage when left out' })
  @MayBeAbsent()
  @LowerCased()
  @IsUUID('all')
  spotId?: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-24T00:00:00+01:00', description: 'RFC 3339 with an offset, on a quarter-hour' })
  @IsString()
  @MaxLength(64)
  from: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-25T00:00:00+01:00', description: 'the same, after from: at most 31 days for a garage, 366 for a spot' })
  @IsString()
  @MaxLength(64)
  to: string;

  @ApiProperty({ minLength: 1, maxLength: 300, example: 'The floor is painted.' })
  @TextLine(1, 300)
  reason: string;

  @ApiPropertyOptional({ default: false, description: 'whether stays that are in the way are given other spots' })
  @MayBeAbsent()
  @IsBoolean()
  reallocate: boolean = false;
}

export class BlackoutDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  garageId: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: all spots of the garage' })
  spotId: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-12-23T23:00:00.000Z' })
  from: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-24T23:00:00.000Z' })
  to: string;

  @ApiProperty({ example: 'The floor is painted.' })
  reason: string;

  static from({ id, garageId, spotId, startsAt, endsAt, reason }: BlackoutRecord): BlackoutDto {
    return { id, garageId, spotId, from: startsAt.toISOString(), to: endsAt.toISOString(), reason };
  }
}

export class BlackoutListDto {
  @ApiProperty({ type: [BlackoutDto] })
  items: BlackoutDto[];

  static from(blackouts: readonly BlackoutRecord[]): BlackoutListDto {
    return { items: blackouts.map((blackout) => BlackoutDto.from(blackout)) };
  }
}

/** A blackout, and what became of the stays that were in its way. */
export class LaidBlackoutDto extends BlackoutDto implements MovedDto {
  @ApiProperty({ type: [ReservationDto], description: 'stays that have another spot now' })
  reallocated: ReservationDto[];

  @ApiProperty({ type: [ReservationDto], description: 'stays that keep their spot: speak to their members, or cancel them' })
  conflicts: ReservationDto[];

  static of(blackout: BlackoutRecord, moved: Moved): LaidBlackoutDto {
    return { ...BlackoutDto.from(blackout), ...movedOf(moved) };
  }
}
