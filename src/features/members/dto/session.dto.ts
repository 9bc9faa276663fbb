import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import type { PermissionName } from '../../../platform/auth/permissions.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { Member } from '../entities/member.js';
import type { Session } from '../entities/session.js';
import { MemberDto } from './member.dto.js';

export class SignInDto {
  @ApiProperty({ example: 'ada@example.org' })
  @IsString()
  @MaxLength(254)
  email: string;

  @ApiProperty({ example: 'a quiet corner desk' })
  @IsString()
  password: string;
}

export class RefreshDto {
  @ApiProperty({ maxLength: 200, example: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11.Xr5_5mQzQ0rMZ1sCw0D8X8a5m1x6kqk3J3y9y1z7c2E', description: 'the refreshToken of the last answer' })
  @IsString()
  @MaxLength(200)
  refreshToken: string;
}

interface SignedIn {
  member: Member;
  permissions: readonly PermissionName[];
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

/** What sign-up, sign-in and refresh answer. */
export class SignedInDto {
  @ApiProperty({ type: MemberDto })
  member: MemberDto;

  @ApiProperty({ description: 'send it as "Authorization: Bearer …"' })
  accessToken: string;

  @ApiProperty({ description: 'keep it safe; swap it at /api/sessions/refresh when the access token has expired' })
  refreshToken: string;

  @ApiProperty({ type: 'integer', example: 900, description: 'seconds until the access token expires' })
  expiresIn: number;

  static from({ member, permissions, ...tokens }: SignedIn): SignedInDto {
    return Object.assign(new SignedInDto(), { ...tokens, member: MemberDto.from(member, permissions) });
  }
}

export class SessionDto {
  @ApiProperty({ format: 'uuid', example: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11' })
  id: string;

  @ApiProperty({ example: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
  userAgent: string;

  @ApiProperty({ example: '203.0.113.7', description: 'address of the last refresh' })
  ip: string;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'when it was last refreshed' })
  lastUsedAt: string;

  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt: string;

  @ApiProperty({ example: true, description: 'the session that is asking' })
  current: boolean;

  static from(session: Session, currentId: string | undefined): SessionDto {
    return Object.assign(new SessionDto(), {
      id: session.id,
      userAgent: session.userAgent,
      ip: session.ip,
      createdAt: session.createdAt.toISOString(),
      lastUsedAt: session.rotatedAt.toISOString(),
      expiresAt: session.expiresAt.toISOString(),
      current: session.id === currentId,
    });
  }
}

export class SessionPageDto {
  @ApiProperty({ type: [SessionDto] })
  items: SessionDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'send it as cursor for the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Session>, currentId: string | undefined): SessionPageDto {
    return Object.assign(new SessionPageDto(), { items: items.map((session) => SessionDto.from(session, currentId)), nextCursor });
  }
}
