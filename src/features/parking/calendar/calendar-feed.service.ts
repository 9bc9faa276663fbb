import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Answer } from '../../../platform/http/answer.js';
import { hasCurrent } from '../../../platform/http/etag.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { CalendarTokens } from './calendar-tokens.service.js';
import { isShown } from './calendar.rules.js';
import type { CalendarStay } from './calendar.types.js';
import { stayCalendar } from './stay-calendar.js';

/** So long a calendar keeps what is over or cancelled. */
const KEPT_MS = 30 * 86_400_000;
const MOST_STAYS = 500;

/** Reservations for the calendars of members. */
@Injectable()
export class CalendarFeed {
  constructor(
    private readonly tokens: CalendarTokens,
    private readonly reservations: ReservationRepository,
    private readonly garages: GarageRepository,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @throws calendarTokenInvalid */
  async get(token: unknown, ifNoneMatch: string | undefined): Promise<Answer> {
    const text = stayCalendar(await this.stays(await this.tokens.memberOf(token)));
    const headers = { ETag: `"${createHash('sha256').update(text).digest('base64url')}"`, 'Cache-Control': 'private, no-cache' };
    if (hasCurrent(ifNoneMatch, headers.ETag)) return new Answer(304, undefined, headers);
    return new Answer(200, text, { ...headers, 'Content-Type': 'text/calendar; charset=utf-8' });
  }

  private async stays(memberId: string): Promise<CalendarStay[]> {
    const since = new Date(this.clock.now().getTime() - KEPT_MS);
    const shown = (await this.reservations.listOwn(memberId, { limit: MOST_STAYS })).filter((reservation) => isShown(reservation, since));
    const garageIds = [...new Set(shown.map(({ garageId }) => garageId))];
    const garages = new Map(await Promise.all(garageIds.map(async (id) => [id, await this.garages.get(this.database, id)] as const)));
    return shown.map((reservation) => ({ reservation, garage: garages.get(reservation.garageId)! }));
  }
}
