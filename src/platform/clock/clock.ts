import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { firstInstantOf, addDays, localDateOf, type LocalDate } from './calendar.js';

/**
 * The time that calendar rules go by: the community's days. Leases and holds do not ask it, they stay
 * on the database's UTC_TIMESTAMP(3) so that all processes agree.
 */
@Injectable()
export class Clock {
  readonly timeZone: string;
  private readonly offsetMilliseconds: number;

  constructor(config: Config) {
    this.timeZone = config.COMMUNITY_TIMEZONE;
    this.offsetMilliseconds = config.PLAZA_TEST_CLOCK ? config.PLAZA_TEST_CLOCK.getTime() - Date.now() : 0;
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMilliseconds);
  }

  /** Today's calendar date in the community. */
  today(): LocalDate {
    return localDateOf(this.now(), this.timeZone);
  }

  /** The first instant of the community's next day. */
  nextMidnight(): Date {
    return firstInstantOf(addDays(this.today(), 1), this.timeZone);
  }
}
