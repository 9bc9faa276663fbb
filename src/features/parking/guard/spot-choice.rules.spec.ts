import { describe, expect, it } from '@jest/globals';
import type { Size, Span, Spot, SpotFeature } from '../parking.types.js';
import { dayMasksOf } from './day-masks.rules.js';
import { bestFit, daysAround, fits, isActive, isLargeEnough, isOpenTo, type Need } from './spot-choice.rules.js';

const spanOf = (from: string, to: string): Span => ({ startsAt: new Date(from), endsAt: new Date(to) });
const SPAN = spanOf('2026-03-30T08:00:00Z', '2026-03-30T10:00:00Z');
const NEED: Need = { size: 'regular', features: [], isEntitled: false };

const spot = (label: string, given: Partial<Spot> = {}): Spot => ({
  id: label, garageId: 'g', label, size: 'regular', features: [], ord: 0, activeFrom: new Date(0), activeTo: null, ...given,
});
const labels = (spots: readonly (Spot & { taken?: Span[] })[], need: Partial<Need> = {}, span = SPAN) =>
  bestFit(spots.map(({ taken = [], ...rest }) => ({ spot: rest, masks: taken.flatMap(dayMasksOf) })), { ...NEED, ...need }, span).flat().map(({ label }) => label);

describe('what fits', () => {
  it.each<[Size, Size, boolean]>([
    ['compact', 'compact', true], ['compact', 'regular', false], ['compact', 'large', false],
    ['regular', 'compact', true], ['regular', 'regular', true], ['regular', 'large', false],
    ['large', 'compact', true], ['large', 'regular', true], ['large', 'large', true],
  ])('a %s spot and a %s vehicle: %s', (size, vehicle, expected) => {
    expect(isLargeEnough(size, vehicle)).toBe(expected);
    expect(fits({ size, features: [] }, { ...NEED, size: vehicle })).toBe(expected);
  });

  it.each<[SpotFeature[], SpotFeature[], boolean, boolean]>([
    [[], ['ev'], false, false],
    [['ev', 'covered'], ['ev'], false, true],
    [['ev'], ['ev', 'covered'], false, false],
    [['accessible'], [], false, false],
    [['accessible'], [], true, true],
    [['accessible', 'ev'], ['ev'], false, false],
  ])('a spot with %j where %j is asked for, entitled %s: %s', (features, asked, isEntitled, expected) => {
    expect(fits({ size: 'regular', features }, { ...NEED, features: asked, isEntitled })).toBe(expected);
  });

  it('is for everybody, but for accessible ones', () => {
    const [plain, accessible] = [spot('a', { features: ['ev'] }), spot('a', { features: ['ev', 'accessible'] })];
    expect([isOpenTo(plain, false), isOpenTo(accessible, false), isOpenTo(accessible, true)]).toEqual([true, false, true]);
  });

  it.each<[string | null, boolean]>([[null, true], ['2026-03-30T10:00:00Z', true], ['2026-03-30T09:45:00Z', false], ['2026-03-30T08:00:00Z', false]])('a spot that retires at %s is in use: %s', (activeTo, expected) => {
    expect(isActive({ activeFrom: new Date(0), activeTo: activeTo === null ? null : new Date(activeTo) }, SPAN)).toBe(expected);
  });

  it('is in use from its first moment on', () => {
    expect(isActive({ activeFrom: SPAN.startsAt, activeTo: null }, SPAN)).toBe(true);
    expect(isActive({ activeFrom: new Date(SPAN.startsAt.getTime() + 1), activeTo: null }, SPAN)).toBe(false);
  });
});

describe('the best fit', () => {
  it('is the smallest that is large enough', () => {
    expect(labels([spot('L', { size: 'large' }), spot('C', { size: 'compact' }), spot('R')])).toEqual(['R', 'L']);
    expect(labels([spot('L', { size: 'large' }), spot('C', { size: 'compact', ord: 9 }), spot('R')], { size: 'compact' })).toEqual(['C', 'R', 'L']);
  });

  it('then has what was asked for, and the least beside', () => {
    const spots = [spot('both', { features: ['ev', 'covered'] }), spot('ev', { features: ['ev'] }), spot('plain'), spot('accessible', { features: ['accessible'] })];
    expect(labels(spots)).toEqual(['plain', 'ev', 'both']);
    expect(labels(spots, { features: ['ev'] })).toEqual(['ev', 'both']);
    expect(labels(spots, { isEntitled: true })).toEqual(['plain', 'accessible', 'ev', 'both']);
    expect(labels([...spots, spot('small but special', { size: 'compact', features: ['ev'] })], { size: 'compact' })[0]).toBe('small but special');
  });

  it('then leaves the least time free around it', () => {
    const taken = (...spans: [string, string][]) => spans.map(([from, to]) => spanOf(`2026-03-${from}:00Z`, `2026-03-${to}:00Z`));
    const spots = [
      { ...spot('empty'), taken: [] },
      { ...spot('tight'), taken: taken(['30T06:00', '30T08:00'], ['30T10:15', '30T12:00']) },
      { ...spot('half', { ord: -1 }), taken: taken(['30T06:00', '30T08:00']) },
      { ...spot('over midnight'), taken: taken(['29T22:00', '30T07:00']) },
    ];
    expect(labels(spots)).toEqual(['tight', 'half', 'over midnight', 'empty']);
  });

  it('then is the first in the order of the garage, and of its label', () => {
    expect(labels([spot('B', { ord: 1 }), spot('D'), spot('C'), spot('A', { ord: 2 })])).toEqual(['C', 'D', 'B', 'A']);
  });

  it('is free and in use all the time', () => {
    const quarter = [spanOf('2026-03-30T09:45:00Z', '2026-03-30T10:00:00Z')];
    const around = [spanOf('2026-03-30T07:00:00Z', '2026-03-30T08:00:00Z'), spanOf('2026-03-30T10:00:00Z', '2026-03-30T11:00:00Z')];
    expect(labels([{ ...spot('taken at the end'), taken: quarter }, { ...spot('taken around'), taken: around }, spot('retired', { activeTo: new Date('2026-03-30T09:00:00Z') })])).toEqual(['taken around']);
  });
});

it.each([
  ['2026-03-30T08:00:00Z', '2026-03-30T10:00:00Z', '2026-03-29', '2026-03-31', 3],
  ['2026-03-30T00:00:00Z', '2026-03-31T00:00:00Z', '2026-03-29', '2026-03-31', 3],
  ['2026-03-30T23:45:00Z', '2026-03-31T00:15:00Z', '2026-03-29', '2026-04-01', 4],
])('the days around %s to %s are those from %s to %s', (from, to, firstDay, lastDay, days) => {
  expect(daysAround(spanOf(from, to))).toEqual({ firstDay, lastDay, days });
});
