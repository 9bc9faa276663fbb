import { Injectable } from '@nestjs/common';
import { SecretKeys } from '../../platform/config/secret-keys.js';
import { Database } from '../../platform/database/database.js';
import { Transactions } from '../../platform/database/transactions.js';
import { AccessGrants } from './access-grants.service.js';
import { MemberRepository } from './member.repository.js';
import { refreshInvalid } from './members.errors.js';
import { isAncestor, nextRefreshToken, sessionIdOf } from './refresh-tokens.rules.js';
import { hashOf } from './secrets.rules.js';
import { SessionRepository, type SessionStanding } from './session.repository.js';
import { SessionsService, type Device, type SignedIn } from './sessions.service.js';

/** Rotation of refresh tokens, with detection of stolen ones. */
@Injectable()
export class SessionRefresh {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly sessionRepository: SessionRepository,
    private readonly members: MemberRepository,
    private readonly sessions: SessionsService,
    private readonly grants: AccessGrants,
    private readonly keys: SecretKeys,
  ) {}

  /**
   * Swaps a refresh token for its successor. The same token sent again within 10 s, as after a lost
   * answer or from parallel tabs, gets the same successor; any older one means that somebody else has it,
   * and ends the session.
   *
   * @throws refreshInvalid
   */
  async refresh(refreshToken: string, device: Device): Promise<SignedIn> {
    const standing = await this.standingOf(refreshToken);
    const successor = nextRefreshToken(refreshToken, this.keys.current('refresh').key);
    const hash = hashOf(refreshToken);
    const rotated =
      standing.refreshHash.equals(hash) &&
      (await this.transactions.run((tx) => this.sessionRepository.rotate(tx, standing.id, hash, hashOf(successor), device)));
    if (rotated) return this.signedIn(standing, successor);
    return this.retryOrReuse(refreshToken);
  }

  private async retryOrReuse(refreshToken: string): Promise<SignedIn> {
    const standing = await this.standingOf(refreshToken);
    for (const { key } of this.keys.live('refresh')) {
      const successor = nextRefreshToken(refreshToken, key);
      if (standing.justRotated && hashOf(successor).equals(standing.refreshHash)) return this.signedIn(standing, successor);
    }
    const stolen = this.keys.live('refresh').some(({ key }) => isAncestor(refreshToken, standing.refreshHash, standing.generation, key));
    if (stolen) await this.sessions.end(standing.memberId, standing.id);
    throw refreshInvalid();
  }

  private async standingOf(refreshToken: string): Promise<SessionStanding> {
    const id = sessionIdOf(refreshToken);
    const standing = id === undefined ? undefined : await this.sessionRepository.findStanding(id);
    if (standing === undefined || !standing.alive) throw refreshInvalid();
    return standing;
  }

  private async signedIn(standing: SessionStanding, refreshToken: string): Promise<SignedIn> {
    const member = await this.members.find(standing.memberId);
    if (member === undefined) throw refreshInvalid();
    return { member, ...(await this.grants.issue(this.database, standing.id, member)), refreshToken };
  }
}
