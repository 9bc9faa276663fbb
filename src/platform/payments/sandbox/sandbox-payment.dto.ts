import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent, WholeNumber } from '../../http/fields.js';
import { MOST_COPIES, MOST_DELAY_SECONDS, OUTCOMES, USUAL_MANNER, type Outcome, type SandboxPaymentRecord, type SandboxStatus } from './sandbox.types.js';

export class SettleSandboxPaymentDto {
  @ApiProperty({ enum: OUTCOMES, example: 'pay' })
  @IsIn(OUTCOMES)
  outcome: Outcome;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_COPIES, default: USUAL_MANNER.copies, description: 'How often the webhook about it is sent: providers do send twice' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(MOST_COPIES)
  copies?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MOST_DELAY_SECONDS, default: USUAL_MANNER.delaySeconds, description: 'Seconds until it is sent for the first time' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(0)
  @Max(MOST_DELAY_SECONDS)
  delaySeconds?: number;
}

export class SandboxPaymentDto {
  @ApiProperty({ enum: ['open', 'paid', 'declined', 'cancelled'], example: 'paid' })
  status: SandboxStatus;

  static from({ status }: SandboxPaymentRecord): SandboxPaymentDto {
    return Object.assign(new SandboxPaymentDto(), { status });
  }
}
