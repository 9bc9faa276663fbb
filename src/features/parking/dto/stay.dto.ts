import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import { PAYMENT_METHODS, type PaymentMethod } from '../payments/payment.types.js';
import type { Cancellation } from '../reservations/cancellation.rules.js';

export class ExtendDto {
  @ApiProperty({ format: 'date-time', example: '2026-12-01T13:00:00+01:00', description: 'the new end: RFC 3339 with an offset, on a quarter-hour' })
  @IsString()
  @MaxLength(64)
  endsAt: string;

  @ApiPropertyOptional({ enum: PAYMENT_METHODS, example: 'credits', description: 'how the difference is paid; as the stay was when left out' })
  @MayBeAbsent()
  @IsIn(PAYMENT_METHODS)
  method?: PaymentMethod;
}

export class CancelDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, example: 500, description: 'what you were shown: if it is no longer so much, nothing is done' })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  expectRefundMinor?: number;
}

export class CancellationDto {
  @ApiProperty({ type: 'integer', example: 500, description: 'what comes back when it is cancelled now' })
  refundMinor: number;

  @ApiPropertyOptional({ format: 'date-time', example: '2026-12-01T08:00:00.000Z', description: 'the last moment at which it is so much; left out when it does not fall' })
  nextTierAt?: string;

  static from({ refundMinor, nextTierAt }: Cancellation): CancellationDto {
    return { refundMinor, ...(nextTierAt !== null && { nextTierAt: nextTierAt.toISOString() }) };
  }
}
