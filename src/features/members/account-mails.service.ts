import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Config } from '../../platform/config/config.js';
import type { Tx } from '../../platform/database/transactions.js';
import { Mail } from '../../platform/mail/mail.js';
import { RESET_MINUTES, resetLetter, verificationLetter, type Community } from './account-mails.rules.js';

/**
 * Mails of one kind to one address for as long as a reset token lives, before RATE_LIMIT_SCALE: when a
 * stranger has used them up, the owner has a mail whose token still works.
 */
const AT_MOST = 3;

/** The mails that accounts need, and how many of them an address has to bear. */
@Injectable()
export class AccountMails {
  private readonly community: Community;
  private readonly atMost: number;
  /** Counted in this process's memory, as sign-ins are. */
  private readonly asked = new LRUCache<string, number>({ max: 100_000, ttl: RESET_MINUTES * 60_000, noUpdateTTL: true });

  constructor(
    private readonly mail: Mail,
    config: Config,
  ) {
    this.community = { name: config.COMMUNITY_NAME, webUrl: config.WEB_URL };
    this.atMost = Math.max(1, Math.floor(AT_MOST * config.RATE_LIMIT_SCALE));
  }

  /** Counts a wish for a mail. False when the address has had enough of them for now. */
  mayAsk(kind: 'reset' | 'verification', email: string): boolean {
    const key = `${kind} ${email}`;
    const asked = this.asked.get(key) ?? 0;
    if (asked >= this.atMost) return false;
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
