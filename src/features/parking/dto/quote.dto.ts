import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsUUID } from 'class-validator';
import { LowerCased, MayBeAbsent } from '../../../platform/http/fields.js';
import { SIZES, type Size } from '../parking.types.js';
import type { Quote } from '../pricing/quotes.service.js';
import { WindowDto } from './book.dto.js';
import { linesOf, PriceLineDto } from './reservation.dto.js';

export class QuoteOrderDto extends WindowDto {
  @ApiProperty({ format: 'uuid', description: 'of the garage' })
  @LowerCased()
  @IsUUID('all')
  garageId: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'of a vehicle of yours; or give a size' })
  @MayBeAbsent()
  @LowerCased()
  @IsUUID('all')
  vehicleId?: string;

  @ApiPropertyOptional({ enum: SIZES, example: 'regular', description: 'of the vehicle; or give a vehicleId' })
  @MayBeAbsent()
  @IsIn(SIZES)
  size?: Size;
}

export class QuoteDto {
  @ApiProperty({ type: 'integer', example: 400, description: 'minor units of the currency' })
  priceMinor: number;

  @ApiProperty({ example: 'EUR' })
  currency: string;

  @ApiProperty({ type: 'integer', example: 4, description: 'the price in credits' })
  credits: number;

  @ApiProperty({ type: [PriceLineDto] })
  lines: PriceLineDto[];

  @ApiProperty({ description: 'to be sent with the reservation: this price holds' })
  quoteToken: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T07:05:00.000Z' })
  expiresAt: string;

  static from({ price, currency, quoteToken, expiresAt }: Quote): QuoteDto {
    return { priceMinor: price.priceMinor, currency, credits: price.credits, lines: linesOf(price), quoteToken, expiresAt: expiresAt.toISOString() };
  }
}
