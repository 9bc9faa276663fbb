import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ActorSource } from '../../../platform/auth/actor-source.js';
import { Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { calendarTokenInvalid } from '../parking.errors.js';
import { CalendarTokenRepository } from './calendar-token.repository.js';

const TOKEN_BYTES = 32;

/** Addresses that calendars read without signing in. Whoever knows one sees a member's reservations, and nothing else. */
@Injectable()
export class CalendarTokens {
  constructor(
    private readonly tokens: CalendarTokenRepository,
    private readonly transactions: Transactions,
    private readonly actors: ActorSource,
    private readonly config: Config,
  ) {}

  /** A new address; an earlier one of the member is good for nothing from then on. */
  async create(memberId: string): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    await this.transactions.run((tx) => this.tokens.replace(tx, memberId, hashOf(token)));
    return `${this.config.PUBLIC_URL}/api/me/reservations.ics?token=${token}`;
  }

  async revoke(memberId: string): Promise<void> {
    await this.transactions.run((tx) => this.tokens.delete(tx, memberId));
  }

  /**
   * Whose calendar it opens.
   *
   * @param token as it came in
   * @throws calendarTokenInvalid also when the member is locked out
   */
  async memberOf(token: unknown): Promise<string> {
    const memberId = typeof token === 'string' ? await this.tokens.findMemberId(hashOf(token)) : undefined;
    if (memberId === undefined || !(await this.actors.isActive(memberId))) throw calendarTokenInvalid();
    return memberId;
  }
}

/** A token is random enough for a plain hash. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
