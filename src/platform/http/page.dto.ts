import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent, WholeNumber } from './fields.js';

/** `?limit=&cursor=` of every list. */
export class PageQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20, description: 'How many items at most' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @ApiPropertyOptional({ maxLength: 2_000, description: 'nextCursor of the page before' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsString()
  @MaxLength(2_000)
  cursor?: string;
}

/** A page of a list: `nextCursor` is null on the last one. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
