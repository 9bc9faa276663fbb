import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RESERVATION_STATUSES, type ReservationStatus } from '../parking.types.js';
import { checkInFrom, isLive, mayBecome, statusAt } from './reservation.rules.js';

const STARTS = Date.parse('2026-02-10T10:00:00Z');
const after = (minutes: number, ms = 0) => new Date(STARTS + minutes * 60_000 + ms);
const kept = { status: 'confirmed' as ReservationStatus, isLapsed: false, startsAt: after(0), endsAt: after(120), graceMinutes: 10, noShowMinutes: 60 };

describe('states of a reservation', () => {
  it('follow each other as the plan says', () => {
    const moves = RESERVATION_STATUSES.flatMap((status) => RESERVATION_STATUSES.filter((next) => mayBecome(status, next)).map((next) => `${status} > ${next}`));
    expect(moves).toEqual([
      'held > confirmed', 'held > expired', 'held > cancelled', 'confirmed > checked-in', 'confirmed > cancelled', 'confirmed > no-show', 'checked-in > completed', 'expired > confirmed',
    ]);
  });

  it('keep the spot in three of them', () => expect(RESERVATION_STATUSES.filter(isLive)).toEqual(['held', 'confirmed', 'checked-in']));
});

describe('time alone', () => {
  it.each<[string, Partial<typeof kept>, Date, ReservationStatus]>([
    ['ends a hold', { status: 'held', isLapsed: true }, after(-600), 'expired'],
    ['leaves a hold in its time', { status: 'held' }, after(600), 'held'],
    ['waits for who comes', {}, after(60, -1), 'confirmed'],
    ['waits no longer', {}, after(60), 'no-show'],
    ['waits until the end at the longest', { endsAt: after(30) }, after(30, -1), 'confirmed'],
    ['ends what was short', { endsAt: after(30) }, after(30), 'no-show'],
    ['leaves who is there until the grace is over', { status: 'checked-in' }, after(130, -1), 'checked-in'],
    ['takes it that who was there has gone', { status: 'checked-in' }, after(130), 'completed'],
    ['does not end a stay with its extension', { isLapsed: true }, after(0), 'confirmed'],
    ['does not end who is there with an extension', { status: 'checked-in', isLapsed: true }, after(60), 'checked-in'],
  ])('%s', (_, change, now, expected) => {
    expect(statusAt({ ...kept, ...change }, now)).toBe(expected);
  });

  it('only ever moves to a state that may follow, and stays there', () => {
    const statuses = fc.constantFrom(...RESERVATION_STATUSES);
    const states = fc.record({ status: statuses, isLapsed: fc.boolean(), noShowMinutes: fc.integer({ min: 15, max: 200 }), graceMinutes: fc.nat(200) });
    fc.assert(fc.property(states, fc.integer({ min: -300, max: 500 }), fc.nat(300), (state, minutes, more) => {
      const now = statusAt({ ...kept, ...state }, after(minutes));
      expect(now === state.status || mayBecome(state.status, now)).toBe(true);
      if (now !== state.status) expect(statusAt({ ...kept, ...state }, after(minutes + more))).toBe(now);
      if (!isLive(state.status)) expect(now).toBe(state.status);
    }));
  });
});

it('a vehicle is let in a little before the start', () => expect(checkInFrom(after(0), 10)).toEqual(after(-10)));
