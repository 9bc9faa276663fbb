import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Garage } from '../parking.types.js';
import { inOrder, standingOf, type FoundGarage, type Order } from './garage-search.rules.js';

const found = (id: string, name: string, distanceM: number, priceMinor: number): FoundGarage =>
  ({ garage: { id, name } as Garage, distanceM, price: { priceMinor, credits: 0, lines: [] } });
const ids = (all: readonly FoundGarage[]) => all.map(({ garage: { id } }) => id).join('');
const ALL = [found('a', 'zoo', 300, 900), found('b', 'Garage 10', 100, 900), found('c', 'garage 9', 200, 100), found('d', 'Zoo', 100, 500)];

describe('garages in order', () => {
  it.each<[Order, string]>([['name', 'cbad'], ['distance', 'bdca'], ['price', 'cdab']])('by %s', (order, expected) => {
    expect(ids(inOrder(ALL, order))).toBe(expected);
    expect(ids(inOrder([...ALL].reverse(), order))).toBe(expected);
  });

  it('come page by page as they come at once, whatever their names', () => {
    const garage = fc.record({ name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('é', 'e', 'E', 'ss', 'ß', '1', '01')), distanceM: fc.nat(3), priceMinor: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(garage, { maxLength: 20 }), fc.constantFrom<Order>('name', 'distance', 'price'), fc.integer({ min: 1, max: 4 }), (garages, order, limit) => {
        const all = garages.map(({ name, distanceM, priceMinor }, index) => found(String(index).padStart(2, '0'), name, distanceM, priceMinor));
        const paged: FoundGarage[] = [];
        for (let page = inOrder(all, order).slice(0, limit); page.length > 0; page = inOrder(all, order, standingOf(paged.at(-1)!, order)).slice(0, limit)) paged.push(...page);
        expect(ids(paged)).toBe(ids(inOrder(all, order)));
        expect(paged).toHaveLength(all.length);
      }),
    );
  });
});
