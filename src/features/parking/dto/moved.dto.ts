import { ApiProperty } from '@nestjs/swagger';
import type { Moved } from '../garages/reallocation.service.js';
import type { Reservation } from '../parking.types.js';
import { ReservationDto } from './reservation.dto.js';

/** What became of the stays that were in the way. */
export class MovedDto {
  @ApiProperty({ type: [ReservationDto], description: 'stays that have another spot now' })
  reallocated: ReservationDto[];

  @ApiProperty({ type: [ReservationDto], description: 'stays that keep their spot: speak to their members, or cancel them' })
  conflicts: ReservationDto[];
}

export function movedOf({ reallocated, conflicts }: Moved): MovedDto {
  const shown = (reservations: readonly Reservation[]) => reservations.map((reservation) => ReservationDto.from(reservation));
  return { reallocated: shown(reallocated), conflicts: shown(conflicts) };
}
