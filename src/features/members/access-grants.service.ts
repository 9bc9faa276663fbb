import { Injectable } from '@nestjs/common';
import { AccessTokens } from '../../platform/auth/access-tokens.js';
import { PermissionSet } from '../../platform/auth/permission-set.js';
import type { PermissionName } from '../../platform/auth/permissions.js';
import type { Reader } from '../../platform/database/transactions.js';
import type { Member } from './entities/member.js';
import { MemberRights } from './member-rights.service.js';

/** An access token and what it lets its bearer do. */
export interface AccessGrant {
  accessToken: string;
  /** Seconds until the access token expires. */
  expiresIn: number;
  permissions: readonly PermissionName[];
}

/** Makes access tokens that say what a member may do now, and last no longer than that. */
@Injectable()
export class AccessGrants {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly rights: MemberRights,
  ) {}

  async issue(reader: Reader, sessionId: string, member: Pick<Member, 'id' | 'role' | 'permissionVersion'>): Promise<AccessGrant> {
    const { permissions, until } = await this.rights.of(reader, member);
    const perms = PermissionSet.of(permissions).encode();
    return { ...this.tokens.sign({ sub: member.id, sid: sessionId, role: member.role, perms, pv: member.permissionVersion }, until), permissions };
  }
}
