import { ApiProperty, PickType } from '@nestjs/swagger';
import { PERMISSION_BITS, ROLES, type PermissionName, type Role } from '../../../platform/auth/permissions.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { Entitlement } from '../entities/entitlement.js';
import type { Member } from '../entities/member.js';
import { EntitlementDto } from './entitlement.dto.js';

const ID = '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11';

/** A member as they see themselves. */
export class MemberDto {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ format: 'email', example: 'ada@example.org' })
  email: string;

  @ApiProperty({ example: 'Ada' })
  displayName: string;

  @ApiProperty({ enum: ROLES, example: 'member' })
  role: Role;

  @ApiProperty({ enum: Object.keys(PERMISSION_BITS), isArray: true, example: ['profile.read', 'credits.read'] })
  permissions: readonly PermissionName[];

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' })
  createdAt: string;

  /** @param permissions what they may do now */
  static from(member: Member, permissions: readonly PermissionName[]): MemberDto {
    return Object.assign(new MemberDto(), {
      id: member.id,
      email: member.email,
      displayName: member.displayName,
      role: member.role,
      permissions,
      createdAt: member.createdAt.toISOString(),
    });
  }
}

/** A member as other members see them: no address. */
export class DirectoryEntryDto extends PickType(MemberDto, ['id', 'displayName']) {
  static from(member: Member): DirectoryEntryDto {
    return Object.assign(new DirectoryEntryDto(), { id: member.id, displayName: member.displayName });
  }
}

export class DirectoryPageDto {
  @ApiProperty({ type: [DirectoryEntryDto] })
  items: DirectoryEntryDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'send it as cursor for the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Member>): DirectoryPageDto {
    return Object.assign(new DirectoryPageDto(), { items: items.map((member) => DirectoryEntryDto.from(member)), nextCursor });
  }
}

type MemberRecord = Member & { entitlements: readonly Entitlement[] };

/** A member as admins see them. */
export class MemberRecordDto extends PickType(MemberDto, ['id', 'email', 'displayName', 'role', 'createdAt']) {
  @ApiProperty({ example: false })
  disabled: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T10:00:00.000Z' })
  lastActiveAt: string | null;

  @ApiProperty({ type: [EntitlementDto], description: 'permissions beside those of the role' })
  entitlements: EntitlementDto[];

  static from(member: MemberRecord): MemberRecordDto {
    return Object.assign(new MemberRecordDto(), {
      id: member.id,
      email: member.email,
      displayName: member.displayName,
      role: member.role,
      disabled: member.disabledAt !== null,
      lastActiveAt: member.lastActiveAt?.toISOString() ?? null,
      entitlements: member.entitlements.map((entitlement) => EntitlementDto.from(entitlement)),
      createdAt: member.createdAt.toISOString(),
    });
  }
}

export class MemberRecordPageDto {
  @ApiProperty({ type: [MemberRecordDto] })
  items: MemberRecordDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'send it as cursor for the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<MemberRecord>): MemberRecordPageDto {
    return Object.assign(new MemberRecordPageDto(), { items: items.map((member) => MemberRecordDto.from(member)), nextCursor });
  }
}
