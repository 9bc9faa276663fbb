import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { personalDataset } from '../../platform/datasets/personal-dataset.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { EntitlementRepository } from './entitlement.repository.js';
import type { ApiToken } from './entities/api-token.js';
import type { Entitlement } from './entities/entitlement.js';
import type { Identity } from './entities/identity.js';
import type { Member } from './entities/member.js';
import type { Session } from './entities/session.js';
import { IdentityRepository } from './oidc/identity.repository.js';
import { MemberRepository } from './member.repository.js';
import { SessionRepository } from './session.repository.js';

/**
 * What Plaza knows of a member as a person, for them to take away. Secrets and their hashes stay here. As in
 * the API, no API token gets to see sessions, tokens and identities.
 */
@Injectable()
export class MembersDatasets implements OnModuleInit {
  constructor(
    private readonly datasets: Datasets,
    private readonly members: MemberRepository,
    private readonly sessions: SessionRepository,
    private readonly tokens: ApiTokenRepository,
    private readonly identities: IdentityRepository,
    private readonly entitlements: EntitlementRepository,
  ) {}

  onModuleInit(): void {
    for (const dataset of [this.profile(), this.sessionsOf(), this.apiTokens(), this.identitiesOf(), this.entitlementsOf()]) this.datasets.register(dataset);
  }

  /** One row: the member. */
  private profile() {
    return personalDataset<Member, string>({
      name: 'profile',
      permission: Permission.ProfileRead,
      columns: [
        { name: 'id', type: 'string' }, { name: 'email', type: 'string' }, { name: 'emailVerifiedAt', type: 'instant' }, { name: 'displayName', type: 'string' },
        { name: 'role', type: 'string' }, { name: 'createdAt', type: 'instant' }, { name: 'lastActiveAt', type: 'instant' },
      ],
      listAfter: async (reader, memberId, { after }) => (after === undefined ? [await this.members.get(reader, memberId)] : []),
      keyOf: ({ id }) => id,
      rowOf: ({ id, email, emailVerifiedAt, displayName, role, createdAt, lastActiveAt }) => ({ id, email, emailVerifiedAt, displayName, role, createdAt, lastActiveAt }),
    });
  }

  /** Sign-ins as far as they are still on record: which device, from where, when. */
  private sessionsOf() {
    return personalDataset<Session, string>({
      name: 'sessions',
      permission: Permission.AccountManage,
      columns: [
        { name: 'id', type: 'string' }, { name: 'userAgent', type: 'string' }, { name: 'ip', type: 'string' }, { name: 'createdAt', type: 'instant' },
        { name: 'lastUsedAt', type: 'instant' }, { name: 'expiresAt', type: 'instant' }, { name: 'revokedAt', type: 'instant' },
      ],
      listAfter: (reader, memberId, page) => this.sessions.listAfter(reader, memberId, page),
      keyOf: ({ id }) => id,
      rowOf: ({ id, userAgent, ip, createdAt, rotatedAt, expiresAt, revokedAt }) => ({ id, userAgent, ip, createdAt, lastUsedAt: rotatedAt, expiresAt, revokedAt }),
    });
  }

  /** Revoked ones included. */
  private apiTokens() {
    return personalDataset<ApiToken, string>({
      name: 'api-tokens',
      permission: Permission.AccountManage,
      columns: [
        { name: 'id', type: 'string' }, { name: 'name', type: 'string' }, { name: 'permissions', type: 'string' }, { name: 'createdAt', type: 'instant' },
        { name: 'lastUsedAt', type: 'instant' }, { name: 'expiresAt', type: 'instant' }, { name: 'revokedAt', type: 'instant' },
      ],
      listAfter: (reader, memberId, page) => this.tokens.listAfter(reader, memberId, page),
      keyOf: ({ id }) => id,
      rowOf: ({ id, name, permissions, createdAt, lastUsedAt, expiresAt, revokedAt }) =>
        ({ id, name, permissions: PermissionSet.decode(permissions).names().join(','), createdAt, lastUsedAt, expiresAt, revokedAt }),
    });
  }

  /** Accounts at other providers, with which the member signs in. */
  private identitiesOf() {
    return personalDataset<Identity, Pick<Identity, 'provider' | 'subject'>>({
      name: 'identities',
      permission: Permission.AccountManage,
      columns: [{ name: 'provider', type: 'string' }, { name: 'subject', type: 'string' }, { name: 'createdAt', type: 'instant' }],
      listAfter: (reader, memberId, page) => this.identities.listAfter(reader, memberId, page),
      keyOf: ({ provider, subject }) => ({ provider, subject }),
      rowOf: ({ provider, subject, createdAt }) => ({ provider, subject, createdAt }),
    });
  }

  private entitlementsOf() {
    return personalDataset<Entitlement, string>({
      name: 'entitlements',
      permission: Permission.ProfileRead,
      columns: [{ name: 'permission', type: 'string' }, { name: 'until', type: 'instant' }],
      listAfter: (reader, memberId, page) => this.entitlements.listAfter(reader, memberId, page),
      keyOf: ({ permission }) => permission,
      rowOf: ({ permission, until }) => ({ permission, until }),
    });
  }
}
