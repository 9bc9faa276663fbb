import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { API_TOKEN_PREFIX } from '../../platform/auth/authenticator.js';
import { Logins, type Login, type LoginCredentials } from '../../platform/auth/logins.js';
import { PermissionSet } from '../../platform/auth/permission-set.js';
import { Database } from '../../platform/database/database.js';
import { Activity } from './activity.service.js';
import { Credentials } from './credentials.service.js';
import { MemberActors } from './member-actors.service.js';
import { MemberRights } from './member-rights.service.js';
import { MemberRepository } from './member.repository.js';
import { credentialsInvalid } from './members.errors.js';
import { normaliseEmail } from './members.rules.js';

/** No address is longer (RFC 5321); what is kept of failures must not be, either. */
const LONGEST_EMAIL = 254;

/** Signs members in at doors that know no sessions. */
@Injectable()
export class MemberLogins extends Logins {
  constructor(
    private readonly credentials: Credentials,
    private readonly members: MemberRepository,
    private readonly actors: MemberActors,
    private readonly rights: MemberRights,
    private readonly activity: Activity,
    private readonly database: Database,
  ) {
    super();
  }

  async open(credentials: LoginCredentials, address: string): Promise<Login | undefined> {
    if (credentials.email.length > LONGEST_EMAIL) return undefined;
    // A password may look like a token: what is none is tried as one, and counts as a failure like any other.
    return (await this.byToken(credentials)) ?? this.byPassword(credentials, address);
  }

  private async byToken({ email, secret }: LoginCredentials): Promise<Login | undefined> {
    if (!secret.startsWith(API_TOKEN_PREFIX)) return undefined;
    const memberId = (await this.actors.apiToken(secret))?.memberId;
    if (memberId === undefined || (await this.members.findByEmail(normaliseEmail(email)))?.id !== memberId) return undefined;
    return { memberId, actor: async () => this.actors.apiToken(secret) };
  }

  private async byPassword({ email, secret }: LoginCredentials, address: string): Promise<Login | undefined> {
    try {
      const { id, passwordHash } = await this.credentials.check({ email, password: secret }, address);
      return { memberId: id, actor: () => this.actorOf(id, passwordHash) };
    } catch (error) {
      if (credentialsInvalid.matches(error)) return undefined;
      throw error;
    }
  }

  /** Reads it anew each time: what asks so costs more than a row, and a lock-out must not wait. */
  private async actorOf(id: string, passwordHash: string): Promise<Actor | undefined> {
    const member = await this.members.find(id);
    if (member === undefined || member.disabledAt !== null || member.passwordHash !== passwordHash) return undefined;
    this.activity.memberSeen(id);
    const { permissions, until } = await this.rights.of(this.database, member);
    return {
      memberId: id,
      role: member.role,
      permissions: PermissionSet.of(permissions),
      permissionVersion: member.permissionVersion,
      ...(until !== undefined && { permissionsUntil: until }),
    };
  }
}
