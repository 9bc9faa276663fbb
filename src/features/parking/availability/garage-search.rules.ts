import type { Garage, KeptPrice } from '../parking.types.js';

export const SORTS = ['distance', 'price'] as const;
/** By name where nobody says where they are. */
export type Order = (typeof SORTS)[number] | 'name';

/** A garage that was looked for. */
export interface FoundGarage {
  readonly garage: Garage;
  /** From the place that was asked about. */
  readonly distanceM?: number;
  /** Of the time that was asked about. */
  readonly price?: KeptPrice;
}

/** Where a garage stands in a list; the id tells those apart that stand alike. */
export type Standing = readonly [value: string | number, id: string];

const names = new Intl.Collator('en', { numeric: true });

export function standingOf({ garage: { id, name }, distanceM, price }: FoundGarage, order: Order): Standing {
  return [{ name, distance: distanceM ?? 0, price: price?.priceMinor ?? 0 }[order], id];
}

function compare(one: Standing, other: Standing): number {
  const [[value, id], [otherValue, otherId]] = [one, other];
  const difference = typeof value === 'string' ? names.compare(value, String(otherValue)) : value - Number(otherValue);
  return difference || (id < otherId ? -1 : Number(id > otherId));
}

/** In this order, those alone that come after a standing. */
export function inOrder<F extends FoundGarage>(found: readonly F[], order: Order, after?: Standing): F[] {
  return found
    .map((one) => ({ one, standing: standingOf(one, order) }))
    .filter(({ standing }) => after === undefined || compare(standing, after) > 0)
    .sort((one, other) => compare(one.standing, other.standing))
    .map(({ one }) => one);
}
