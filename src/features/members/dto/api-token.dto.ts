import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min, MinDate } from 'class-validator';
import { PERMISSION_BITS, type PermissionName } from '../../../platform/auth/permissions.js';
import { PermissionSet } from '../../../platform/auth/permission-set.js';
import { DistinctTexts, IsInstant, MayBeAbsent, TextLength } from '../../../platform/http/fields.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { ApiToken } from '../entities/api-token.js';

const NAMES = Object.keys(PERMISSION_BITS);

export class CreateApiTokenDto {
  @ApiProperty({ minLength: 1, maxLength: 80, example: 'meme wall in the lobby' })
  @TextLength(1, 80)
  name: string;

  @ApiPropertyOptional({ enum: NAMES, isArray: true, example: ['memes.read'], description: 'omitted: all of yours but the admin ones' })
  @MayBeAbsent()
  @DistinctTexts(NAMES.length)
  @IsIn(NAMES, { each: true })
  permissions?: PermissionName[];

  @ApiPropertyOptional({ type: String, format: 'date-time', example: '2099-01-01T00:00:00.000Z', description: 'omitted: never' })
  @MayBeAbsent()
  @IsInstant()
  @MinDate(() => new Date(), { message: 'expiresAt must be in the future' })
  expiresAt?: Date;
}

export class ApiTokenDto {
  @ApiProperty({ format: 'uuid', example: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11' })
  id: string;

  @ApiProperty({ example: 'meme wall in the lobby' })
  name: string;

  @ApiProperty({ enum: NAMES, isArray: true, example: ['memes.read'] })
  permissions: PermissionName[];

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expiresAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  lastUsedAt: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt: string;

  static from(token: ApiToken): ApiTokenDto {
    return Object.assign(new ApiTokenDto(), {
      id: token.id,
      name: token.name,
      permissions: PermissionSet.decode(token.permissions).names(),
      expiresAt: token.expiresAt?.toISOString() ?? null,
      lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
      createdAt: token.createdAt.toISOString(),
    });
  }
}

export class IssuedApiTokenDto extends ApiTokenDto {
  @ApiProperty({ example: 'plz_019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11_…', description: 'shown this once; send it as X-Token' })
  secret: string;

  static fromIssued({ token, secret }: { token: ApiToken; secret: string }): IssuedApiTokenDto {
    return Object.assign(new IssuedApiTokenDto(), ApiTokenDto.from(token), { secret });
  }
}

export class ApiTokenPageDto {
  @ApiProperty({ type: [ApiTokenDto] })
  items: ApiTokenDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'send it as cursor for the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<ApiToken>): ApiTokenPageDto {
    return Object.assign(new ApiTokenPageDto(), { items: items.map((token) => ApiTokenDto.from(token)), nextCursor });
  }
}

export class BuyCallsDto {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000_000, example: 1, description: 'how many credits to spend' })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  credits: number;
}

export class BoughtCallsDto {
  @ApiProperty({ type: 'integer', example: 100, description: 'calls bought' })
  calls: number;

  @ApiProperty({ type: 'integer', example: 100, description: 'calls the token now has' })
  balance: number;

  static from(bought: { calls: number; balance: number }): BoughtCallsDto {
    return Object.assign(new BoughtCallsDto(), bought);
  }
}
