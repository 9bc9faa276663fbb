import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import type { Identity } from '../entities/identity.js';

export class BeginOidcDto {
  @ApiPropertyOptional({ maxLength: 2000, description: 'one of OIDC_RETURN_URLS, to the letter; may be left out when there is only one' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  returnUrl?: string;
}

export class ExchangeCodeDto {
  @ApiProperty({ maxLength: 200, example: 'Xr5_5mQzQ0rMZ1sCw0D8X8a5m1x6kqk3J3y9y1z7c2E', description: 'the code that the browser brought back; good for 60 seconds and once' })
  @IsString()
  @MaxLength(200)
  code: string;
}

export class LinkIdentityDto {
  @ApiProperty({ maxLength: 200, example: 'Xr5_5mQzQ0rMZ1sCw0D8X8a5m1x6kqk3J3y9y1z7c2E', description: 'from `identity.link-required`; good for 10 minutes and once' })
  @IsString()
  @MaxLength(200)
  linkToken: string;

  @ApiProperty({ example: 'a quiet corner desk', description: 'of the member who has the address' })
  @IsString()
  password: string;
}

export class IdentityDto {
  @ApiProperty({ example: 'google' })
  provider: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z', description: 'when it was linked' })
  createdAt: string;
}

export class IdentityListDto {
  @ApiProperty({ type: [IdentityDto] })
  items: IdentityDto[];

  static from(identities: readonly Identity[]): IdentityListDto {
    const items = identities.map(({ provider, createdAt }) => ({ provider, createdAt: createdAt.toISOString() }));
    return Object.assign(new IdentityListDto(), { items });
  }
}
