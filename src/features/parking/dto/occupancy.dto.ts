import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { STEPS, type Step } from '../availability/steps.rules.js';
import { WindowQueryDto } from './availability.dto.js';

/** `?from=&to=&step=` */
export class OccupancyTableQueryDto extends WindowQueryDto {
  @ApiPropertyOptional({ enum: STEPS, default: '1h', description: '`1d` are the days of the garage\'s calendar. At most 31 days in steps of 15m, 124 in steps of 1h, 400 in steps of 1d' })
  @IsIn(STEPS)
  step: Step = '1h';
}
