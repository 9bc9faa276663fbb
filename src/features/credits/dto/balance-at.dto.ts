import { ApiProperty } from '@nestjs/swagger';
import { IsInstant } from '../../../platform/http/fields.js';
import type { BalanceAt } from '../credits.rules.js';

/** Which time. */
export class BalanceAtQueryDto {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T23:59:59+01:00', description: 'RFC 3339 with an offset; not in the future' })
  @IsInstant()
  at: Date;
}

/** What a member had. */
export class BalanceAtDto {
  @ApiProperty({ format: 'date-time', example: '2026-01-31T22:59:59.000Z' })
  at: string;

  @ApiProperty({ type: 'integer', example: 5, description: 'the settled balance at that time; 0 before the account was opened' })
  balance: number;

  static from({ at, balance }: BalanceAt): BalanceAtDto {
    return Object.assign(new BalanceAtDto(), { at: at.toISOString(), balance });
  }
}
