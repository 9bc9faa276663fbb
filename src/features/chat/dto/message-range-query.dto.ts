import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { MayBeAbsent, WholeNumber } from '../../../platform/http/fields.js';

/** `GET …/messages?…`: the last ones where no number is given. */
export class MessageRangeQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'messages before this number' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(1)
  before?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'messages after this number' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(0)
  after?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'the message of this number, and those on both sides of it' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(1)
  around?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 50, description: 'how many at most' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 50;
}
