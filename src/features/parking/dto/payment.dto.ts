import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { PAYMENT_METHODS, type Payment, type PaymentMethod } from '../payments/payment.types.js';

export class PayDto {
  @ApiProperty({ enum: PAYMENT_METHODS, example: 'credits' })
  @IsIn(PAYMENT_METHODS)
  method: PaymentMethod;
}

const SHOWN_STATUSES = ['pending', 'succeeded', 'failed', 'cancelled'] as const;

export class PaymentDto {
  @ApiProperty({ format: 'uuid' })
  paymentId: string;

  @ApiProperty({ enum: SHOWN_STATUSES, example: 'succeeded', description: 'failed: an attempt to pay was declined, and another may be made' })
  status: (typeof SHOWN_STATUSES)[number];

  @ApiProperty({ enum: PAYMENT_METHODS, example: 'credits' })
  method: PaymentMethod;

  @ApiProperty({ type: 'integer', example: 500 })
  amountMinor: number;

  @ApiProperty({ example: 'EUR' })
  currency: string;

  @ApiProperty({ type: 'integer', example: 5, description: 'what it took in credits; 0 of cards' })
  credits: number;

  @ApiPropertyOptional({ description: 'of cards that are not paid: what the client library of the provider takes' })
  clientSecret?: string;

  @ApiPropertyOptional({ description: 'of cards that are not paid, where the provider has one: a page on which to pay' })
  url?: string;

  static from({ id, status, method, amountMinor, currency, credits, clientSecret, url }: Payment): PaymentDto {
    const isOpen = status !== 'succeeded' && status !== 'cancelled';
    return {
      paymentId: id, status: status === 'opening' ? 'pending' : status, method, amountMinor, currency, credits,
      ...(isOpen && clientSecret !== null && { clientSecret }),
      ...(isOpen && url !== null && { url }),
    };
  }
}
