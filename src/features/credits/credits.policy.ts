import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { addDays, firstInstantOf, type LocalDate } from '../../platform/clock/calendar.js';
import { Config } from '../../platform/config/config.js';
import type { DomainError } from '../../platform/errors/domain-error.js';
import { insufficientCredits } from './credits.errors.js';
import { accruedAfter, dueDays, type AccrualRule, type CreditBalance, type DueDay } from './credits.rules.js';
import type { CreditAccount, OwnerKind } from './entities/credit-account.js';

/** The community's settings applied to the rules: the only place of this feature that asks the clock. */
@Injectable()
export class CreditsPolicy {
  readonly rule: AccrualRule;

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    this.rule = { perDay: config.CREDITS_PER_DAY, cap: config.CREDITS_CAP ?? null };
  }

  get lowAt(): number {
    return this.config.CREDITS_LOW_AT;
  }

  get timeZone(): string {
    return this.clock.timeZone;
  }

  now(): Date {
    return this.clock.now();
  }

  today(): LocalDate {
    return this.clock.today();
  }

  /** The moments at which the last `days` days began, today's last. */
  midnights(days: number): Date[] {
    const today = this.today();
    return Array.from({ length: days }, (_, index) => firstInstantOf(addDays(today, index + 1 - days), this.timeZone));
  }

  /** What a new account starts with. */
  openingOf(kind: OwnerKind): { amount: number; lastAccrualDate: LocalDate | null } {
    return kind === 'member'
      ? { amount: this.config.CREDITS_AT_SIGNUP, lastAccrualDate: this.today() }
      : { amount: this.config.CALLS_AT_TOKEN, lastAccrualDate: null };
  }

  /** Days that an account settled up to `settled` has still coming, in batches. */
  dueSince(settled: LocalDate, today: LocalDate = this.today()): DueDay[][] {
    return settled < today ? dueDays(settled, today, this.timeZone) : [];
  }

  balanceOf(account: CreditAccount): CreditBalance {
    const { posted, held, seq, version } = account;
    const accrues = account.lastAccrualDate !== null;
    return {
      posted,
      held,
      available: posted - held,
      nextAccrualAt: this.nextAccrualAt(account),
      perDay: accrues ? this.rule.perDay : 0,
      cap: accrues ? this.rule.cap : null,
      timeZone: this.timeZone,
      seq,
      version,
    };
  }

  /** The 402 of this account, with what it has now. */
  insufficient(account: CreditAccount, required: number): DomainError {
    const nextAccrualAt = this.nextAccrualAt(account)?.toISOString() ?? null;
    return insufficientCredits({ available: account.posted - account.held, required, nextAccrualAt });
  }

  private nextAccrualAt({ posted, lastAccrualDate }: CreditAccount): Date | null {
    const gains = lastAccrualDate !== null && accruedAfter(posted, 1, this.rule) > posted;
    return gains ? this.clock.nextMidnight() : null;
  }
}
