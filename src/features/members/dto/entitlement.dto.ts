import { ApiProperty } from '@nestjs/swagger';
import { MinDate } from 'class-validator';
import type { PermissionName } from '../../../platform/auth/permissions.js';
import { IsInstant } from '../../../platform/http/fields.js';
import { GRANTABLE } from '../entitlements.rules.js';
import type { Entitlement } from '../entities/entitlement.js';

export class GrantEntitlementDto {
  @ApiProperty({ type: String, format: 'date-time', example: '2099-01-01T00:00:00.000Z', description: 'when it ends, in the future' })
  @IsInstant()
  @MinDate(() => new Date(), { message: 'until must be in the future' })
  until: Date;
}

/** A permission that a member has beside those of their role, and until when. */
export class EntitlementDto {
  @ApiProperty({ enum: GRANTABLE, example: 'memes.ai' })
  permission: PermissionName;

  @ApiProperty({ type: String, format: 'date-time', example: '2099-01-01T00:00:00.000Z' })
  until: string;

  static from({ permission, until }: Entitlement): EntitlementDto {
    return Object.assign(new EntitlementDto(), { permission, until: until.toISOString() });
  }
}

export class EntitlementListDto {
  @ApiProperty({ type: [EntitlementDto] })
  items: EntitlementDto[];

  static from(entitlements: readonly Entitlement[]): EntitlementListDto {
    return Object.assign(new EntitlementListDto(), { items: entitlements.map((entitlement) => EntitlementDto.from(entitlement)) });
  }
}
