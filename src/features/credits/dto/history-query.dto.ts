import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { WholeNumber } from '../../../platform/http/fields.js';

/** How far back. */
export class HistoryQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 366, default: 30, example: 30, description: 'days of the community, today included' })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(366)
  days: number = 30;
}
