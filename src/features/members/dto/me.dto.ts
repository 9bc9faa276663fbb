import { ApiProperty } from '@nestjs/swagger';
import type { PermissionName } from '../../../platform/auth/permissions.js';
import type { Member } from '../entities/member.js';
import { MemberDto } from './member.dto.js';

/** The part of the balance that a first screen shows; the rest is at /api/credits. */
export class MyCreditsDto {
  @ApiProperty({ type: 'integer', example: 5, description: 'what can be spent now' })
  available: number;

  @ApiProperty({ type: 'integer', example: 5, description: 'the settled balance' })
  posted: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'set aside for work in progress' })
  held: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T00:00:00.000Z', description: 'when the next credits come' })
  nextAccrualAt: string | null;
}

interface Profile {
  member: Member;
  credits: { available: number; posted: number; held: number; nextAccrualAt: Date | null };
}

export class MeDto extends MemberDto {
  @ApiProperty({ example: true, description: 'whether the address is proved to be yours' })
  emailVerified: boolean;

  @ApiProperty({ type: MyCreditsDto })
  credits: MyCreditsDto;

  /** @param permissions what the caller may do now, which of an API token is less than of its owner */
  static fromProfile(permissions: readonly PermissionName[], { member, credits }: Profile): MeDto {
    const { available, posted, held, nextAccrualAt } = credits;
    return Object.assign(new MeDto(), MemberDto.from(member, permissions), {
      emailVerified: member.emailVerifiedAt !== null,
      credits: { available, posted, held, nextAccrualAt: nextAccrualAt?.toISOString() ?? null },
    });
  }
}
