import { describe, expect, it } from '@jest/globals';
import { SIZES, type Size, type TariffElement } from '../parking.types.js';
import { elementAt, elementsOf, faultOfTariff } from './tariff.rules.js';

const element = (given: Partial<TariffElement> = {}): TariffElement => ({ size: 'compact', hourlyMinor: 200, stepMinutes: 60, ...given });
const rest = (...sizes: Size[]) => sizes.map((size) => element({ size }));
const faultOf = (...elements: TariffElement[]) => faultOfTariff([...elements, ...rest('regular', 'large')]);

describe('a rate for each size', () => {
  it('is a tariff with one element each, in steps of an hour and without a cap where nothing else is said', () => {
    const elements = elementsOf({ large: { hourlyMinor: 400, stepMinutes: 15 }, compact: { hourlyMinor: 0 }, regular: { hourlyMinor: 250, dailyCapMinor: 0 } });
    expect(elements).toStrictEqual([
      { size: 'compact', hourlyMinor: 0, stepMinutes: 60 },
      { size: 'regular', hourlyMinor: 250, stepMinutes: 60, dailyCapMinor: 0 },
      { size: 'large', hourlyMinor: 400, stepMinutes: 15 },
    ]);
    expect(faultOfTariff(elements)).toBeUndefined();
  });
});

describe('a tariff', () => {
  it.each<[string, TariffElement[]]>([
    ['has one element for each size', [element()]],
    ['has hours', [element({ startTime: '08:00', endTime: '18:45' }), element()]],
    ['has hours over midnight', [element({ startTime: '22:15', endTime: '06:30' }), element()]],
    ['has hours to midnight', [element({ startTime: '23:45', endTime: '00:00' }), element()]],
    ['has hours from midnight', [element({ startTime: '00:00', endTime: '00:15' }), element()]],
    ['has days', [element({ daysOfWeek: ['SUNDAY'] }), element()]],
    ['has the same hours twice', [element({ startTime: '08:00', endTime: '09:00' }), element({ startTime: '08:00', endTime: '09:00' }), element()]],
  ])('is right that %s', (_, elements) => {
    expect(faultOf(...elements)).toBeUndefined();
  });

  it.each<[string, TariffElement[], string]>([
    ['no element of a size', [], 'elements'],
    ['hours only', [element({ startTime: '00:00', endTime: '12:00' }), element({ startTime: '12:00', endTime: '00:00' })], 'elements'],
    ['days only', [element({ daysOfWeek: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] })], 'elements'],
    ['an element that is never reached', [element(), element({ daysOfWeek: ['MONDAY'] })], 'elements.1'],
    ['two that hold always', [element(), element()], 'elements.1'],
    ['no day', [element({ daysOfWeek: [] }), element()], 'elements.0.daysOfWeek'],
    ['no start', [element({ endTime: '12:00' }), element()], 'elements.0.startTime'],
    ['no end', [element({ startTime: '12:00' }), element()], 'elements.0.endTime'],
    ['no length', [element({ startTime: '12:00', endTime: '12:00' }), element()], 'elements.0.endTime'],
    ['24:00', [element({ startTime: '12:00', endTime: '24:00' }), element()], 'elements.0.endTime'],
    ['a time off the quarter-hours', [element({ startTime: '12:10', endTime: '13:00' }), element()], 'elements.0.startTime'],
    ['seconds', [element({ startTime: '12:00', endTime: '13:00:00' }), element()], 'elements.0.endTime'],
    ['a line more', [element({ startTime: '12:00\n', endTime: '13:00' }), element()], 'elements.0.startTime'],
    ['one digit', [element({ startTime: '8:00', endTime: '13:00' }), element()], 'elements.0.startTime'],
    ['a fault further on', [element({ startTime: '08:00', endTime: '13:00' }), element({ startTime: '08:60', endTime: '13:00' }), element()], 'elements.1.startTime'],
  ])('is wrong with %s', (_, elements, path) => {
    expect(faultOf(...elements)).toEqual({ path, reason: expect.any(String) });
  });

  it.each(SIZES)('is wrong without %s, and says so', (missing) => {
    const fault = faultOfTariff(rest(...SIZES.filter((size) => size !== missing)));
    expect(fault).toEqual({ path: 'elements', reason: expect.stringContaining(missing) });
  });
});

describe('the element at a time', () => {
  const always = element();
  const large = element({ size: 'large' });
  const day = element({ startTime: '08:00', endTime: '18:00' });
  const night = element({ startTime: '22:00', endTime: '06:00' });
  const toMidnight = element({ startTime: '22:00', endTime: '00:00' });
  const fridayNight = element({ startTime: '22:00', endTime: '06:00', daysOfWeek: ['FRIDAY'] });
  const sundayNight = element({ startTime: '22:00', endTime: '06:00', daysOfWeek: ['SUNDAY'] });
  const mondayMorning = element({ startTime: '06:00', endTime: '09:00', daysOfWeek: ['MONDAY'] });
  const weekend = element({ daysOfWeek: ['SATURDAY', 'SUNDAY'] });
  it.each([
    ['of the size', [large, always], 'MONDAY', '12:00', always],
    ['the first of two', [weekend, always], 'SATURDAY', '12:00', weekend],
    ['on another day', [weekend, always], 'MONDAY', '00:00', always],
    ['at the start', [day, always], 'MONDAY', '08:00', day],
    ['before the start', [day, always], 'MONDAY', '07:59', always],
    ['before the end', [day, always], 'MONDAY', '17:59', day],
    ['at the end', [day, always], 'MONDAY', '18:00', always],
    ['over midnight: before it', [night, always], 'MONDAY', '23:59', night],
    ['over midnight: after it', [night, always], 'MONDAY', '05:59', night],
    ['over midnight: at the end', [night, always], 'MONDAY', '06:00', always],
    ['over midnight: in the day', [night, always], 'MONDAY', '21:59', always],
    ['to midnight', [toMidnight, always], 'MONDAY', '23:45', toMidnight],
    ['at midnight', [toMidnight, always], 'MONDAY', '00:00', always],
    ['in the night that starts on Friday', [fridayNight, always], 'FRIDAY', '22:00', fridayNight],
    ['in the rest of that night', [fridayNight, always], 'SATURDAY', '05:45', fridayNight],
    ['in the night that ends on Friday', [fridayNight, always], 'FRIDAY', '05:45', always],
    ['in the night after it', [fridayNight, always], 'SATURDAY', '22:00', always],
    ['in the night from Sunday to Monday', [sundayNight, always], 'MONDAY', '00:00', sundayNight],
    ['on a day at its hours', [mondayMorning, always], 'MONDAY', '08:45', mondayMorning],
    ['on another day at these hours', [mondayMorning, always], 'TUESDAY', '08:45', always],
  ] as const)('is %s', (_, elements, weekday, time, expected) => {
    const [hours, minutes] = time.split(':').map(Number);
    expect(elementAt(elements, 'compact', weekday, hours! * 60 + minutes!)).toBe(expected);
  });

  it('is none where none matches', () => {
    expect(elementAt([large, weekend], 'compact', 'MONDAY', 0)).toBeUndefined();
  });
});
