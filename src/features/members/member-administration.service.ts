import { Injectable } from '@nestjs/common';
import { Audit } from '../../platform/audit/audit.js';
import type { Actor } from '../../platform/auth/actor.js';
import type { Role } from '../../platform/auth/permissions.js';
import { Database } from '../../platform/database/database.js';
import { Transactions, type Reader, type Tx } from '../../platform/database/transactions.js';
import { forbidden, notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { EntitlementRepository } from './entitlement.repository.js';
import { isGrantable } from './entitlements.rules.js';
import type { Entitlement } from './entities/entitlement.js';
import type { Member } from './entities/member.js';
import { MemberActors } from './member-actors.service.js';
import { MemberRepository } from './member.repository.js';
import { ownAccount, permissionNotGrantable } from './members.errors.js';
import { SessionsService } from './sessions.service.js';

const LIST = 'members';

/** A member with what they may do beside their role. */
export interface MemberRecord extends Member {
  entitlements: readonly Entitlement[];
}

/** What admins do to members. Each act is in the audit log, and takes effect with the member's next request. */
@Injectable()
export class MemberAdministration {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly members: MemberRepository,
    private readonly entitlementRepository: EntitlementRepository,
    private readonly sessions: SessionsService,
    private readonly actors: MemberActors,
    private readonly audit: Audit,
    private readonly cursors: Cursors,
  ) {}

  /** Every member, newest first. */
  async list({ query, cursor, limit }: { query?: string; cursor?: string; limit: number }): Promise<Page<MemberRecord>> {
    const [afterId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    const { items, nextCursor } = this.cursors.page(LIST, await this.members.list(query, afterId, limit + 1), limit, ({ id }) => [id]);
    return { items: await this.recordsOf(this.database, items), nextCursor };
  }

  /** @throws notFound */
  async entitlements(memberId: string): Promise<readonly Entitlement[]> {
    await this.members.get(this.database, memberId);
    return this.entitlementRepository.listLive(this.database, [memberId]);
  }

  /**
   * Changes a member's role, or locks them out and lets them in again.
   *
   * @throws ownAccount, notFound
   */
  async changeRights(actor: Actor, memberId: string, change: { role?: Role; disabled?: boolean }): Promise<MemberRecord> {
    if (actor.memberId === memberId) throw ownAccount();
    return this.transactions.run(async (tx) => {
      await this.confirmAdmin(tx, actor);
      // Nothing to change must not make the member's tokens stale.
      if (change.role === undefined && change.disabled === undefined) return this.record(tx, memberId);
      const before = await this.rightsChange(tx, memberId);
      await this.members.updateRights(tx, memberId, change);
      if (change.disabled === true) await this.sessions.revokeAll(tx, memberId);
      const after = await this.record(tx, memberId);
      const write = (action: string, details = {}) => this.audit.record(tx, { actorId: actor.memberId, action, subjectType: 'member', subjectId: memberId, details });
      if (before.role !== after.role) await write('member.role-changed', { before: before.role, after: after.role });
      if (before.disabledAt === null && after.disabledAt !== null) await write('member.disabled');
      if (before.disabledAt !== null && after.disabledAt === null) await write('member.enabled');
      return after;
    });
  }

  /**
   * Gives a member a permission until then, or moves the end of one that was given.
   *
   * @throws permissionNotGrantable, notFound
   */
  async grant(actor: Actor, memberId: string, permission: string, until: Date): Promise<Entitlement> {
    if (!isGrantable(permission)) throw permissionNotGrantable();
    return this.transactions.run(async (tx) => {
      await this.confirmAdmin(tx, actor);
      await this.rightsChange(tx, memberId);
      const before = await this.findEntitlement(tx, memberId, permission);
      const entitlement = { memberId, permission, until };
      await this.entitlementRepository.upsert(tx, entitlement);
      await this.audit.record(tx, {
        actorId: actor.memberId, action: 'entitlement.granted', subjectType: 'member', subjectId: memberId, details: { permission, before: before?.until ?? null, after: until },
      });
      return entitlement;
    });
  }

  /** Takes an entitlement back before its end. @throws notFound when the member has none of this permission */
  async revoke(actor: Actor, memberId: string, permission: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.confirmAdmin(tx, actor);
      await this.rightsChange(tx, memberId);
      const before = await this.findEntitlement(tx, memberId, permission);
      if (before === undefined) throw notFound();
      await this.entitlementRepository.delete(tx, memberId, before.permission);
      await this.audit.record(tx, {
        actorId: actor.memberId, action: 'entitlement.revoked', subjectType: 'member', subjectId: memberId, details: { permission, before: before.until, after: null },
      });
    });
  }

  private async confirmAdmin(tx: Tx, actor: Actor): Promise<void> {
    if (!(await this.members.confirmAdmin(tx, actor.memberId))) throw forbidden();
  }

  /**
   * Makes the member's tokens stale. By that write to their row changes of one member's rights follow one
   * another, so that what is read here still is so when the audit log says what it was.
   *
   * @throws notFound
   */
  private async rightsChange(tx: Tx, memberId: string): Promise<Member> {
    await this.members.updatePermissionVersion(tx, memberId);
    tx.afterCommit(() => this.actors.rightsChanged(memberId));
    return this.members.get(tx, memberId);
  }

  private async findEntitlement(reader: Reader, memberId: string, permission: string): Promise<Entitlement | undefined> {
    return (await this.entitlementRepository.listLive(reader, [memberId])).find((entitlement) => entitlement.permission === permission);
  }

  private async record(reader: Reader, memberId: string): Promise<MemberRecord> {
    const [record] = await this.recordsOf(reader, [await this.members.get(reader, memberId)]);
    return record!;
  }

  private async recordsOf(reader: Reader, members: readonly Member[]): Promise<MemberRecord[]> {
    const entitlements = await this.entitlementRepository.listLive(reader, members.map(({ id }) => id));
    return members.map((member) => ({ ...member, entitlements: entitlements.filter(({ memberId }) => memberId === member.id) }));
  }
}
