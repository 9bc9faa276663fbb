import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { LowerCased } from '../../../platform/http/fields.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { WAITLIST_STATUSES, type WaitlistEntry, type WaitlistStatus } from '../waitlist/waitlist.types.js';
import { WindowDto } from './book.dto.js';

export class JoinWaitlistDto extends WindowDto {
  @ApiProperty({ format: 'uuid', description: 'of the garage' })
  @LowerCased()
  @IsUUID('all')
  garageId: string;

  @ApiProperty({ format: 'uuid', description: 'of a vehicle of yours' })
  @LowerCased()
  @IsUUID('all')
  vehicleId: string;
}

export class WaitlistEntryDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  garageId: string;

  @ApiProperty({ format: 'uuid' })
  vehicleId: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T08:00:00.000Z' })
  startsAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T10:00:00.000Z' })
  endsAt: string;

  @ApiProperty({ enum: WAITLIST_STATUSES, example: 'waiting' })
  status: WaitlistStatus;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'the hold that you were offered: pay for it before it expires' })
  reservationId: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from({ id, garageId, vehicleId, startsAt, endsAt, status, reservationId, createdAt }: WaitlistEntry): WaitlistEntryDto {
    return { id, garageId, vehicleId, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString(), status, reservationId, createdAt: createdAt.toISOString() };
  }
}

export class WaitlistPageDto {
  @ApiProperty({ type: [WaitlistEntryDto] })
  items: WaitlistEntryDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<WaitlistEntry>): WaitlistPageDto {
    return { items: items.map((entry) => WaitlistEntryDto.from(entry)), nextCursor };
  }
}
