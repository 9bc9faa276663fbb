import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { Reader } from '../../../platform/database/transactions.js';
import type { Reservation } from '../parking.types.js';
import { ReservationRepository } from './reservation.repository.js';

const LIST = 'parking.reservations';

/** Who may see a reservation: whose it is, and operators. */
@Injectable()
export class Reservations {
  constructor(
    private readonly reservations: ReservationRepository,
    private readonly cursors: Cursors,
  ) {}

  /** @throws notFound; another member's is one for operators only */
  async get(actor: Actor, id: string, reader?: Reader): Promise<Reservation> {
    const reservation = await this.reservations.find(id, reader);
    if (reservation === undefined || (reservation.memberId !== actor.memberId && !actor.permissions.has(Permission.ParkingOperate))) throw notFound();
    return reservation;
  }

  /** The member's own, the latest start first. */
  async list(actor: Actor, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<Reservation>> {
    const key = this.cursors.decode<[string, string]>(LIST, cursor);
    const before = key && { startsAt: new Date(key[0]), id: key[1] };
    const found = await this.reservations.listOwn(actor.memberId, { before, limit: limit + 1 });
    return this.cursors.page(LIST, found, limit, ({ startsAt, id }) => [startsAt.toISOString(), id]);
  }
}
