import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/page.dto.js';
import { RESERVATION_STATUSES, type KeptPrice, type Reservation, type ReservationStatus } from '../parking.types.js';

export class PriceLineDto {
  @ApiProperty({ format: 'date-time', example: '2026-12-01T08:00:00.000Z' })
  from: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T10:00:00.000Z' })
  to: string;

  @ApiProperty({ type: 'integer', example: 120, description: 'billed minutes: elapsed time, rounded up to the step' })
  minutes: number;

  @ApiProperty({ type: 'integer', example: 500 })
  amountMinor: number;
}

/** A longer stay that is not paid yet. */
export class ExtensionDto {
  @ApiProperty({ format: 'date-time', example: '2026-12-01T12:00:00.000Z' })
  endsAt: string;

  @ApiProperty({ type: 'integer', example: 1000, description: 'of the whole stay' })
  priceMinor: number;

  @ApiProperty({ type: 'integer', example: 500, description: 'what is still to be paid' })
  dueMinor: number;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T09:10:00.000Z', description: 'until when the spot is kept for it' })
  holdExpiresAt: string;
}

export class ReservationDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  garageId: string;

  @ApiProperty({ format: 'uuid' })
  spotId: string;

  @ApiProperty({ example: 'A-12' })
  spotLabel: string;

  @ApiProperty({ format: 'uuid' })
  vehicleId: string;

  @ApiProperty({ enum: RESERVATION_STATUSES, example: 'held' })
  status: ReservationStatus;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-12-01T07:10:00.000Z', description: 'of holds: until when it can be paid; null in every other state' })
  holdExpiresAt: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T08:00:00.000Z' })
  startsAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T10:00:00.000Z' })
  endsAt: string;

  @ApiProperty({ type: 'integer', example: 500, description: 'minor units of the currency' })
  priceMinor: number;

  @ApiProperty({ example: 'EUR' })
  currency: string;

  @ApiProperty({ type: 'integer', example: 5, description: 'the price in credits' })
  credits: number;

  @ApiProperty({ type: [PriceLineDto] })
  lines: PriceLineDto[];

  @ApiProperty({ type: 'integer', example: 0 })
  paidMinor: number;

  @ApiProperty({ type: 'integer', example: 0 })
  refundedMinor: number;

  @ApiPropertyOptional({ type: ExtensionDto, description: 'while a longer stay waits to be paid' })
  extension?: ExtensionDto;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  checkedInAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  checkedOutAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  cancelledAt: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: 'integer', example: 1, description: 'grows by one with every change' })
  version: number;

  static from(reservation: Reservation): ReservationDto {
    const { id, garageId, spotId, spotLabel, vehicleId, status, priceMinor, currency, price, paidMinor, refundedMinor, extension, version } = reservation;
    return {
      id, garageId, spotId, spotLabel, vehicleId, status,
      holdExpiresAt: textOf(reservation.holdExpiresAt),
      startsAt: reservation.startsAt.toISOString(),
      endsAt: reservation.endsAt.toISOString(),
      priceMinor, currency, credits: price.credits,
      lines: linesOf(price),
      paidMinor, refundedMinor,
      ...(extension && {
        extension: {
          endsAt: extension.endsAt.toISOString(),
          priceMinor: extension.price.priceMinor,
          dueMinor: extension.price.priceMinor - priceMinor,
          holdExpiresAt: extension.holdExpiresAt.toISOString(),
        },
      }),
      checkedInAt: textOf(reservation.checkedInAt),
      checkedOutAt: textOf(reservation.checkedOutAt),
      cancelledAt: textOf(reservation.cancelledAt),
      createdAt: reservation.createdAt.toISOString(),
      version,
    };
  }
}

export class ReservationPageDto {
  @ApiProperty({ type: [ReservationDto] })
  items: ReservationDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Reservation>): ReservationPageDto {
    return { items: items.map((reservation) => ReservationDto.from(reservation)), nextCursor };
  }
}

export function linesOf({ lines }: KeptPrice): PriceLineDto[] {
  return lines.map((line) => ({ ...line }));
}

function textOf(instant: Date | null): string | null {
  return instant === null ? null : instant.toISOString();
}
