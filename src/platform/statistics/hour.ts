const HOUR_MS = 3_600_000;

/** A UTC hour; `to`, its end, belongs to the next. */
export interface Hour {
  readonly from: Date;
  readonly to: Date;
}

/** The beginning of the UTC hour that an instant falls into. */
export function hourOf(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / HOUR_MS) * HOUR_MS);
}

/** The hours from one hour's beginning to another's, which is not among them. */
export function hoursBetween(from: Date, to: Date): Hour[] {
  const count = Math.max(0, (to.getTime() - from.getTime()) / HOUR_MS);
  const instant = (hour: number) => new Date(from.getTime() + hour * HOUR_MS);
  return Array.from({ length: count }, (_, hour) => ({ from: instant(hour), to: instant(hour + 1) }));
}
