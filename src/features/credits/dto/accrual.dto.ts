import { ApiProperty } from '@nestjs/swagger';
import type { AccrualResult } from '../credits.rules.js';

/** What a run of the daily credits did. */
export class AccrualDto {
  @ApiProperty({ format: 'date', example: '2026-11-22', description: 'the community\'s day up to which everybody has been given theirs' })
  localDate: string;

  @ApiProperty({ type: 'integer', example: 240, description: 'credits given out by this run' })
  granted: number;

  @ApiProperty({ type: 'integer', example: 240, description: 'members who gained by this run' })
  members: number;

  static from(result: AccrualResult): AccrualDto {
    return Object.assign(new AccrualDto(), result);
  }
}
