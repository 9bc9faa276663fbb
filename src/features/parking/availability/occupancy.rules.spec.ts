import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { ReservationStatus, Spot } from '../parking.types.js';
import { occupancyCsv, occupancyOf, timeTaken, type StoredStay } from './occupancy.rules.js';

const at = (time: string) => new Date(`2026-05-01T${time}:00Z`);
const spotOf = (id: string, more: Partial<Spot> = {}): Spot => ({ id, garageId: 'g', label: id, size: 'regular', features: [], ord: 0, activeFrom: new Date(0), activeTo: null, ...more });
const stay = (spotId: string, from: string, to: string) => ({ spotId, startsAt: at(from), endsAt: at(to) });

describe('how long a stay took its spot', () => {
  it.each<[string, ReservationStatus, Partial<StoredStay>, string]>([
    ['a hold: for all of it', 'held', {}, '12:00'],
    ['a confirmed one: for all of it', 'confirmed', {}, '12:00'],
    ['one that asked for more: also that', 'checked-in', { extensionEndsAt: at('13:00') }, '13:00'],
    ['one that left early: until the end of the quarter-hour', 'completed', { checkedOutAt: at('10:46') }, '11:00'],
    ['one that left on the quarter-hour', 'completed', { checkedOutAt: at('10:45') }, '10:45'],
    ['one that left late: as booked', 'completed', { checkedOutAt: at('12:08') }, '12:00'],
    ['one that never checked out', 'completed', {}, '12:00'],
    ['one to which nobody came: until nobody was expected', 'no-show', {}, '10:45'],
  ])('%s', (_name, status, more, until) => {
    const stored: StoredStay = { ...stay('a', '10:00', '12:00'), status, extensionEndsAt: null, checkedOutAt: null, ...more };
    expect(timeTaken(stored, 40, at('10:30'))).toEqual(stay('a', '10:00', until));
  });

  it('is cut for one to which nobody came also before that is written down', () => {
    const stored: StoredStay = { ...stay('a', '10:00', '12:00'), status: 'confirmed', extensionEndsAt: null, checkedOutAt: null };
    expect(timeTaken(stored, 60, at('10:59')).endsAt).toEqual(at('12:00'));
    expect(timeTaken(stored, 60, at('11:00')).endsAt).toEqual(at('11:00'));
    expect(timeTaken(stored, 600, at('23:00')).endsAt).toEqual(at('12:00'));
  });
});

describe('the occupancy of a garage', () => {
  const spots = [spotOf('a'), spotOf('b'), spotOf('c', { size: 'large' })];
  const regular = (...[stays, edges, more = {}]: [Parameters<typeof occupancyOf>[1], string[], { spots?: Spot[]; blackouts?: Parameters<typeof occupancyOf>[2] }?]) =>
    occupancyOf(more.spots ?? spots, stays, more.blackouts ?? [], edges.map(at)).map(({ sizes }) => sizes.regular);

  it('is that of the busiest quarter-hour of each step', () => {
    const stays = [stay('a', '08:00', '08:30'), stay('b', '08:30', '09:15'), stay('a', '09:00', '10:00')];
    expect(regular(stays, ['08:00', '09:00', '10:00', '11:00'])).toEqual([{ total: 2, taken: 1, free: 1 }, { total: 2, taken: 2, free: 0 }, { total: 2, taken: 0, free: 2 }]);
  });

  it('counts a spot once, however often it is taken', () => {
    const blackouts = [{ garageId: 'g', spotId: null, startsAt: at('08:00'), endsAt: at('08:15') }, { garageId: 'g', spotId: 'a', startsAt: at('08:00'), endsAt: at('09:00') }];
    expect(regular([stay('a', '08:00', '09:00')], ['08:00', '08:15', '09:00'], { blackouts })).toEqual([{ total: 2, taken: 2, free: 0 }, { total: 2, taken: 1, free: 1 }]);
  });

  it('has no spots that are out of use, not even taken', () => {
    const retired = [spotOf('a', { activeTo: at('09:00') }), spotOf('b')];
    expect(regular([stay('a', '08:00', '10:00')], ['08:00', '09:00', '10:00'], { spots: retired })).toEqual([{ total: 2, taken: 1, free: 1 }, { total: 1, taken: 0, free: 1 }]);
  });

  it('says when each step is, and each size by itself', () => {
    const [first] = occupancyOf(spots, [stay('c', '08:00', '09:00')], [], [at('08:00'), at('09:00')]);
    expect(first).toEqual({
      from: at('08:00'), to: at('09:00'),
      sizes: { compact: { total: 0, taken: 0, free: 0 }, regular: { total: 2, taken: 0, free: 2 }, large: { total: 1, taken: 1, free: 0 } },
    });
  });

  it('is CSV as its readers know it', () => {
    const csv = occupancyCsv(occupancyOf(spots, [stay('c', '08:00', '09:00')], [], [at('08:00'), at('09:00')]));
    expect(csv.endsWith('\r\n')).toBe(true);
    const time = { from: '2026-05-01T08:00:00.000Z', to: '2026-05-01T09:00:00.000Z' };
    expect(parse(csv, { columns: true, cast: (value, { column }) => (['total', 'taken', 'free'].includes(String(column)) ? Number(value) : value) })).toEqual([
      { ...time, size: 'compact', total: 0, taken: 0, free: 0 }, { ...time, size: 'regular', total: 2, taken: 0, free: 2 }, { ...time, size: 'large', total: 1, taken: 1, free: 0 },
    ]);
  });
});
