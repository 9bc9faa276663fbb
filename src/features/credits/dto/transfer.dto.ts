import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsUUID, Max, Min } from 'class-validator';
import type { TransferReceipt } from '../credits.rules.js';

/** Credits for another member. */
export class TransferDto {
  @ApiProperty({
    format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f02',
    description: 'who gets the credits; see the members\' directory',
  })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value))
  @IsUUID()
  toMemberId: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000_000_000, example: 2, description: 'whole credits' })
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  amount: number;
}

/** The sender's side of a finished transfer. */
export class TransferReceiptDto {
  @ApiProperty({ type: 'integer', example: 7, description: 'number of the sender\'s entry' })
  seq: number;

  @ApiProperty({ type: 'integer', example: 2 })
  amount: number;

  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f02' })
  toMemberId: string;

  @ApiProperty({ type: 'integer', example: 3, description: 'what the sender has left to spend' })
  available: number;

  static from(receipt: TransferReceipt): TransferReceiptDto {
    return Object.assign(new TransferReceiptDto(), receipt);
  }
}
