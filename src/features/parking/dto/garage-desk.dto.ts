import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsInstant, MayBeAbsent } from '../../../platform/http/fields.js';
import { PageQueryDto, type Page } from '../../../platform/http/page.dto.js';
import type { DeskReservation } from '../garages/garage-desk.service.js';
import { RESERVATION_STATUSES, type ReservationStatus } from '../parking.types.js';
import { ReservationDto } from './reservation.dto.js';

/** `GET /api/garages/:id/reservations` */
export class DeskQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ type: String, format: 'date-time', example: '2026-12-01T00:00:00+01:00', description: 'only what ends after that' })
  @MayBeAbsent()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time', example: '2026-12-02T00:00:00+01:00', description: 'only what starts before that' })
  @MayBeAbsent()
  @IsInstant()
  to?: Date;

  @ApiPropertyOptional({ enum: RESERVATION_STATUSES })
  @MayBeAbsent()
  @IsIn(RESERVATION_STATUSES)
  status?: ReservationStatus;
}

export class OperatorReservationDto extends ReservationDto {
  @ApiProperty({ format: 'uuid', description: 'whose it is' })
  memberId: string;

  @ApiProperty({ example: 'B-PZ 2026', description: 'licence plate' })
  license: string;

  @ApiProperty({ example: 'DE' })
  country: string;

  static of({ reservation, plate: { license, country } }: DeskReservation): OperatorReservationDto {
    return { ...ReservationDto.from(reservation), memberId: reservation.memberId, license, country };
  }
}

export class OperatorReservationPageDto {
  @ApiProperty({ type: [OperatorReservationDto] })
  items: OperatorReservationDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<DeskReservation>): OperatorReservationPageDto {
    return { items: items.map((item) => OperatorReservationDto.of(item)), nextCursor };
  }
}
