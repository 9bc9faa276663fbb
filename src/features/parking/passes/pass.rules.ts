import type { Garage, Reservation } from '../parking.types.js';
import type { Plate } from '../vehicles/vehicle.repository.js';

type Stay = Pick<Reservation, 'id' | 'spotLabel' | 'startsAt' | 'endsAt'>;
type Place = Pick<Garage, 'id' | 'name' | 'timeZone' | 'graceMinutes'>;

const MINUTE_MS = 60_000;

/** What a pass claims, in the names of RFC 7519 where it has one. */
export interface PassClaims {
  readonly iss: string;
  /** The reservation. */
  readonly sub: string;
  readonly garage: string;
  readonly spot: string;
  /** Country and licence without what people write between its characters, e.g. `DE BAB123`. */
  readonly plate: string;
  /** Unix time in seconds: it opens nothing earlier, */
  readonly nbf: number;
  /** nor from then on. */
  readonly exp: number;
}

/** Only what the reservation says, so that a pass shown twice is the same. */
export function passClaims(stay: Stay, garage: Place, { country, licenseNormalised }: Plate, issuer: string): PassClaims {
  const graceMs = garage.graceMinutes * MINUTE_MS;
  return {
    iss: issuer,
    sub: stay.id,
    garage: garage.id,
    spot: stay.spotLabel,
    plate: `${country} ${licenseNormalised}`,
    nbf: (stay.startsAt.getTime() - graceMs) / 1000,
    exp: (stay.endsAt.getTime() + graceMs) / 1000,
  };
}

/** The pass for people, a line each. Times have the name of the zone's clock: one night a year 02:30 happens twice. */
export function passLines({ spotLabel, startsAt, endsAt }: Stay, { name, timeZone }: Place, { country, license }: Plate): string[] {
  const when = new Intl.DateTimeFormat('en-GB', {
    timeZone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
  });
  return [spotLabel, name, `${country} ${license}`, `from ${when.format(startsAt)}`, `to ${when.format(endsAt)}`];
}
