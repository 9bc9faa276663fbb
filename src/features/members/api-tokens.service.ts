import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { API_TOKEN_PREFIX } from '../../platform/auth/authenticator.js';
import { PermissionSet } from '../../platform/auth/permission-set.js';
import type { PermissionName } from '../../platform/auth/permissions.js';
import { Config } from '../../platform/config/config.js';
import { newId } from '../../platform/database/columns.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { accessTokenInvalid, forbidden } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { CreditsService } from '../credits/index.js';
import { ApiTokenRepository } from './api-token.repository.js';
import type { ApiToken } from './entities/api-token.js';
import { MemberActors } from './member-actors.service.js';
import { MemberRepository } from './member.repository.js';
import { apiTokenLimit } from './members.errors.js';
import { defaultTokenPermissions, effectiveTokenPermissions } from './members.rules.js';
import { hashOf } from './secrets.rules.js';

const LIST = 'api-tokens';
const MOST_TOKENS = 100;

/** A token with its secret, which is shown this once. */
export interface IssuedToken {
  token: ApiToken;
  secret: string;
}

/** Secrets that let programs act for a member, with an account of prepaid calls each. */
@Injectable()
export class ApiTokensService {
  constructor(
    private readonly transactions: Transactions,
    private readonly apiTokens: ApiTokenRepository,
    private readonly members: MemberRepository,
    private readonly actors: MemberActors,
    private readonly credits: CreditsService,
    private readonly cursors: Cursors,
    private readonly config: Config,
  ) {}

  /**
   * @throws forbidden when the owner asks for what they may not do themselves, or for what no token can have
   * @throws accessTokenInvalid when the session that asks ended meanwhile
   * @throws apiTokenLimit
   */
  async create(actor: Actor, { name, permissions, expiresAt }: { name: string; permissions?: PermissionName[]; expiresAt?: Date }): Promise<IssuedToken> {
    const owned = actor.permissions.names();
    const granted = effectiveTokenPermissions(permissions ?? defaultTokenPermissions(owned), owned);
    if (permissions !== undefined && granted.length < permissions.length) throw forbidden({}, 'A token cannot have permissions that you do not have, nor account.manage.');
    const id = newId();
    const secret = newSecret(id);
    return this.transactions.run(async (tx) => {
      await this.confirmSession(tx, actor);
      // That wrote the owner's row, where tokens that are made at once wait for each other: so counting is enough.
      if ((await this.apiTokens.countUsable(tx, actor.memberId)) >= MOST_TOKENS) throw apiTokenLimit();
      await this.apiTokens.insert(tx, {
        id, memberId: actor.memberId, name, secretHash: hashOf(secret), permissions: PermissionSet.of(granted).encode(), expiresAt: expiresAt ?? null,
      });
      await this.credits.open(tx, { kind: 'api_token', id });
      return { token: await this.apiTokens.get(tx, actor.memberId, id), secret };
    });
  }

  async list(actor: Actor, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<ApiToken>> {
    const [afterId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    const found = await this.apiTokens.list(actor.memberId, afterId, limit + 1);
    return this.cursors.page(LIST, found, limit, ({ id }) => [id]);
  }

  /**
   * Gives the token a new secret; the old one ends with the commit.
   *
   * @throws notFound
   * @throws accessTokenInvalid when the session that asks ended meanwhile
   */
  async rotate(actor: Actor, id: string): Promise<IssuedToken> {
    const secret = newSecret(id);
    return this.transactions.run(async (tx) => {
      await this.confirmSession(tx, actor);
      await this.apiTokens.updateSecret(tx, actor.memberId, id, hashOf(secret));
      tx.afterCommit(() => this.actors.rightsChanged(actor.memberId));
      return { token: await this.apiTokens.get(tx, actor.memberId, id), secret };
    });
  }

  /** @throws notFound */
  async revoke(actor: Actor, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.apiTokens.revoke(tx, actor.memberId, id);
      tx.afterCommit(() => this.actors.rightsChanged(actor.memberId));
    });
  }

  /**
   * Buys calls for a token with its owner's credits, `CALLS_PER_CREDIT` for one.
   *
   * @throws notFound, insufficientCredits
   */
  async buyCalls(tx: Tx, actor: Actor, id: string, credits: number): Promise<{ calls: number; balance: number }> {
    await this.apiTokens.confirmUsable(tx, actor.memberId, id);
    const calls = credits * this.config.CALLS_PER_CREDIT;
    const purchase = newId();
    const reference = { refType: 'api_token_calls', refId: purchase, actorId: actor.memberId };
    await this.credits.spend(tx, { kind: 'member', id: actor.memberId }, { amount: credits, ...reference });
    const { balanceAfter } = await this.credits.purchase(tx, { kind: 'api_token', id }, { amount: calls, ...reference });
    return { calls, balance: balanceAfter };
  }

  /** The guard may remember for a while a session that ended in another process: it must not leave with a secret. */
  private async confirmSession(tx: Tx, actor: Actor): Promise<void> {
    if (!(await this.members.confirmSession(tx, actor.memberId, actor.sessionId!))) throw accessTokenInvalid();
  }
}

/** 32 random bytes; the id in front lets an owner tell which token a found secret belongs to. */
function newSecret(id: string): string {
  return `${API_TOKEN_PREFIX}${id}_${randomBytes(32).toString('base64url')}`;
}
