import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import { Realtime } from '../../platform/realtime/realtime.js';
import { ReservationDto } from './dto/reservation.dto.js';
import { ReservationRepository } from './reservations/reservation.repository.js';

/** Tells the sockets of a member how their reservations stand; the payload is what `GET /api/reservations/:id` answers. */
@Injectable()
export class ReservationEvents {
  private readonly told = new WeakMap<Tx, Set<string>>();

  constructor(
    private readonly realtime: Realtime,
    private readonly reservations: ReservationRepository,
  ) {}

  /** After the commit, as the database has it then; once, however often it was changed in the transaction. */
  updated(tx: Tx, id: string): void {
    const told = this.told.get(tx) ?? new Set();
    if (told.has(id)) return;
    this.told.set(tx, told.add(id));
    tx.afterCommit(async () => {
      const reservation = await this.reservations.find(id);
      if (reservation !== undefined) this.realtime.toMember(reservation.memberId, 'reservation.updated', ReservationDto.from(reservation));
    });
  }

  /** A hold that somebody on the waitlist has now, until `holdExpiresAt`. */
  offered(tx: Tx, waitlistId: string, reservationId: string): void {
    tx.afterCommit(async () => {
      const reservation = await this.reservations.find(reservationId);
      if (reservation !== undefined) this.realtime.toMember(reservation.memberId, 'waitlist.offered', { waitlistId, reservation: ReservationDto.from(reservation) });
    });
  }
}
