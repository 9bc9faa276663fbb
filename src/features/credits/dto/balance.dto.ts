import { ApiProperty } from '@nestjs/swagger';
import type { CreditBalance } from '../credits.rules.js';

/** What a member has. */
export class BalanceDto {
  @ApiProperty({ type: 'integer', example: 5, description: 'the settled balance, in whole credits' })
  posted: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'set aside for work in progress' })
  held: number;

  @ApiProperty({ type: 'integer', example: 4, description: 'posted minus held: what can be spent now' })
  available: number;

  @ApiProperty({
    type: String, format: 'date-time', nullable: true, example: '2026-11-23T00:00:00.000Z',
    description: 'when the next credits come; null when none will, as at the cap',
  })
  nextAccrualAt: string | null;

  @ApiProperty({ type: 'integer', example: 1, description: 'credits gained at each local midnight' })
  perDay: number;

  @ApiProperty({ type: 'integer', nullable: true, example: null, description: 'balance at which daily credits stop; null when there is no cap' })
  cap: number | null;

  @ApiProperty({ example: 'Europe/Berlin', description: 'IANA time zone whose midnights begin the days' })
  timeZone: string;

  @ApiProperty({ type: 'integer', example: 7, description: 'number of the newest entry' })
  seq: number;

  @ApiProperty({ type: 'integer', example: 12, description: 'grows by one with every change; a gap in credits.changed means: read again' })
  version: number;

  static from({ nextAccrualAt, ...balance }: CreditBalance): BalanceDto {
    return Object.assign(new BalanceDto(), balance, { nextAccrualAt: nextAccrualAt?.toISOString() ?? null });
  }
}
