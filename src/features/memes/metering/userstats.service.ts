import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { ActorSource } from '../../../platform/auth/actor-source.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { CreditsService } from '../../credits/index.js';
import { CallMeter } from './call-meter.service.js';
import { MemeUsageRepository } from './meme-usage.repository.js';
import type { Userstat } from './metering.types.js';

/** Whose numbers: exactly one of the two. */
export interface UserstatsRequest {
  readonly uid?: string;
  /** An API token's secret or its id. */
  readonly token?: string;
}

/** What members may know about their use of the meme API. */
@Injectable()
export class Userstats {
  constructor(
    private readonly source: ActorSource,
    private readonly meter: CallMeter,
    private readonly credits: CreditsService,
    private readonly usage: MemeUsageRepository,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * With all that this process has served so far; what other processes have is in it a second later.
   *
   * @throws requestInvalid unless exactly one of the two is given; notFound, also for what is another member's
   */
  async read(actor: Actor, { uid, token }: UserstatsRequest): Promise<Userstat> {
    if ((uid === undefined) === (token === undefined)) {
      throw requestInvalid({ errors: ['uid', 'token'].map((path) => ({ path, message: 'give exactly one of uid and token' })) });
    }
    const { memberId, tokenId, tokens } = uid === undefined ? await this.token(actor, token!) : await this.member(actor, uid);
    await this.meter.flush(tokens);
    const [sums, balances] = await Promise.all([
      this.usage.sum(this.database, { memberId, tokenId }, this.clock.today()),
      Promise.all(tokens.map(async (id) => (await this.credits.balance({ kind: 'api_token', id })).available + this.meter.leasedTo(id))),
    ]);
    return { memberId, tokenId, ...sums, balance: balances.reduce((sum, balance) => sum + balance, 0) };
  }

  private async token(actor: Actor, secretOrId: string): Promise<{ memberId: string; tokenId: string; tokens: string[] }> {
    const owned = await this.source.apiTokenOwner(secretOrId);
    if (owned === undefined || !isReadableBy(actor, owned.memberId)) throw notFound();
    return { memberId: owned.memberId, tokenId: owned.id, tokens: [owned.id] };
  }

  private async member(actor: Actor, memberId: string): Promise<{ memberId: string; tokenId: null; tokens: string[] }> {
    const tokens = isReadableBy(actor, memberId) ? await this.source.apiTokensOf(memberId) : undefined;
    if (tokens === undefined) throw notFound();
    return { memberId, tokenId: null, tokens };
  }
}

function isReadableBy(actor: Actor, memberId: string): boolean {
  return actor.memberId === memberId || actor.permissions.has(Permission.MembersAdmin);
}
