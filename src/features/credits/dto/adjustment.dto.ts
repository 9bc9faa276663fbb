import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min, NotEquals } from 'class-validator';
import { TextLength } from '../../../platform/http/fields.js';

/** An admin's correction of a balance. */
export class AdjustmentDto {
  @ApiProperty({
    type: 'integer', minimum: -1_000_000_000, maximum: 1_000_000_000, example: 3,
    description: 'whole credits (calls, for an API token): positive gives, negative takes; not 0',
  })
  @IsInt()
  @Min(-1_000_000_000)
  @Max(1_000_000_000)
  @NotEquals(0)
  amount: number;

  @ApiProperty({ minLength: 3, maxLength: 500, example: 'Refund for the broken coffee machine', description: 'shown to the member' })
  @TextLength(3, 500)
  reason: string;
}
