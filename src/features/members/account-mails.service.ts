import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Config } from '../../platform/config/config.js';
import type { Tx } from '../../platform/database/transactions.js';
import { Mail } from '../../platform/mail/mail.js';
import { resetLetter, verificationLetter, type Community } from './account-mails.rules.js';

/** Mails of one kind to one address in an hour, before RATE_LIMIT_SCALE. */
const PER_HOUR = 3;

/** The mails that accounts need, and how many of them an address has to bear. */
@Injectable()
export class AccountMails {
  private readonly community: Community;
  private readonly perHour: number;
  /** Counted in this process's memory, as sign-ins are. */
  private readonly asked = new LRUCache<string, number>({ max: 100_000, ttl: 3_600_000, noUpdateTTL: true });

  constructor(
    private readonly mail: Mail,
    config: Config,
  ) {
    this.community = { name: config.COMMUNITY_NAME, webUrl: config.WEB_URL };
    this.perHour = Math.max(1, Math.floor(PER_HOUR * config.RATE_LIMIT_SCALE));
  }

  /** Counts a wish for a mail. False when the address has had enough of them for this hour. */
  mayAsk(kind: 'reset' | 'verification', email: string): boolean {
    const key = `${kind} ${email}`;
    const asked = this.asked.get(key) ?? 0;
    if (asked >= this.perHour) return false;
    this.asked.set(key, asked + 1);
    return true;
  }

  /** @param known false when there is nobody to write to: everything happens but the sending */
  async reset(tx: Tx, email: string, token: string, known: boolean): Promise<void> {
    await this.mail.send(tx, { to: email, ...resetLetter(this.community, token) }, { decoy: !known });
  }

  async verification(tx: Tx, email: string, token: string): Promise<void> {
    await this.mail.send(tx, { to: email, ...verificationLetter(this.community, token) });
  }
}
