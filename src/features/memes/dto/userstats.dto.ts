import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { MayBeAbsent, TextLength } from '../../../platform/http/fields.js';
import type { Userstat } from '../metering/metering.types.js';

/** Of other characters neither ids nor secrets are made, and the columns that hold ids cannot be compared with them. */
const IsAscii = () => Matches(/^[\x21-\x7e]*$/, { message: '$property must be ASCII without spaces' });

/** `?uid=` or `?token=` */
export class UserstatsQueryDto {
  @ApiPropertyOptional({ maxLength: 36, example: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11', description: "id of a member: yours, or anyone's for admins" })
  @MayBeAbsent()
  @TextLength(1, 36)
  @IsAscii()
  uid?: string;

  @ApiPropertyOptional({ maxLength: 100, description: 'an API token: its id, or its secret' })
  @MayBeAbsent()
  @TextLength(1, 100)
  @IsAscii()
  token?: string;
}

/** How much a member, or one of their API tokens, has called the meme API. Days and months are the community's. */
export class UserstatsDto {
  @ApiProperty({ format: 'uuid', example: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11' })
  memberId: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: null, description: 'id of the API token; null for all of a member' })
  token: string | null;

  @ApiProperty({ type: 'integer', example: 12 })
  callsToday: number;

  @ApiProperty({ type: 'integer', example: 340 })
  callsThisMonth: number;

  @ApiProperty({ type: 'integer', example: 1200 })
  callsTotal: number;

  @ApiProperty({ type: 'integer', example: 1100, description: 'how many of them were paid; those of sessions are not' })
  charged: number;

  @ApiProperty({ type: 'integer', example: 64, description: "calls that can still be made; of a member with all API tokens that can be used" })
  balance: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T12:00:00.000Z' })
  lastCallAt: string | null;

  static from({ memberId, tokenId, today, month, total, charged, balance, lastCallAt }: Userstat): UserstatsDto {
    return Object.assign(new UserstatsDto(), {
      memberId,
      token: tokenId,
      callsToday: today,
      callsThisMonth: month,
      callsTotal: total,
      charged,
      balance,
      lastCallAt: lastCallAt?.toISOString() ?? null,
    });
  }
}
