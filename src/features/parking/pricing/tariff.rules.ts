import { SIZES, WEEKDAYS, type Size, type TariffElement, type Weekday } from '../parking.types.js';

/** What an hour costs for vehicles of one size, at all times. */
export interface Rate {
  /** Minor units of money an hour. */
  readonly hourlyMinor: number;
  /** 60 when left out. */
  readonly stepMinutes?: number;
  /** The most it comes to on one local date; without it there is no such limit. */
  readonly dailyCapMinor?: number;
}

/** What is wrong with a part of a body; `path` as in `elements.0.endTime`. */
export interface Fault {
  readonly path: string;
  readonly reason: string;
}

const USUAL_STEP_MINUTES = 60;
const QUARTER_HOUR = /^([01]\d|2[0-3]):(00|15|30|45)$/;

/** The tariff of a garage that has one rate for each size. */
export function elementsOf(rates: Readonly<Record<Size, Rate>>): TariffElement[] {
  return SIZES.map((size) => {
    const { hourlyMinor, stepMinutes = USUAL_STEP_MINUTES, dailyCapMinor } = rates[size];
    return { size, hourlyMinor, stepMinutes, ...(dailyCapMinor === undefined ? {} : { dailyCapMinor }) };
  });
}

/** The first thing that is wrong with a tariff: hours that are none, prices that never apply, or times that would have no price. Ranges of numbers are not looked at. */
export function faultOfTariff(elements: readonly TariffElement[]): Fault | undefined {
  const always = new Set<Size>();
  for (const [index, element] of elements.entries()) {
    const path = `elements.${index}`;
    if (always.has(element.size)) return { path, reason: `never applies: an element of ${element.size} before it holds at all times` };
    const fault = faultOfDays(element, path) ?? faultOfHours(element, path);
    if (fault) return fault;
    if (element.daysOfWeek === undefined && element.startTime === undefined) always.add(element.size);
  }
  const size = SIZES.find((each) => !always.has(each));
  return size && { path: 'elements', reason: `must have, last of ${size}, an element of ${size} without days and hours` };
}

function faultOfDays({ daysOfWeek }: TariffElement, path: string): Fault | undefined {
  return daysOfWeek?.length === 0 ? { path: `${path}.daysOfWeek`, reason: 'must name a day, or be left out for every day' } : undefined;
}

function faultOfHours({ startTime, endTime }: TariffElement, path: string): Fault | undefined {
  for (const [name, other, time, otherTime] of [['startTime', 'endTime', startTime, endTime], ['endTime', 'startTime', endTime, startTime]] as const) {
    if (time === undefined && otherTime !== undefined) return { path: `${path}.${name}`, reason: `must be given together with ${other}` };
    if (time !== undefined && !QUARTER_HOUR.test(time)) return { path: `${path}.${name}`, reason: 'must be HH:MM on a quarter-hour, from 00:00 to 23:45' };
  }
  return startTime !== undefined && startTime === endTime ? { path: `${path}.endTime`, reason: 'must not be the startTime; leave both out for the whole day' } : undefined;
}

/**
 * The price of a size that holds at a local time: the first element that matches. Hours whose end is not after
 * their start go over midnight (to 00:00: up to it), and their days are those on which they start: Friday 22:00
 * to 06:00 ends on Saturday.
 *
 * @param minutes local time of day, in minutes after 00:00
 * @returns undefined when none matches, which {@link faultOfTariff} rules out
 */
export function elementAt(elements: readonly TariffElement[], size: Size, weekday: Weekday, minutes: number): TariffElement | undefined {
  return elements.find((element) => element.size === size && holdsAt(element, weekday, minutes));
}

function holdsAt({ daysOfWeek, startTime, endTime }: TariffElement, weekday: Weekday, minutes: number): boolean {
  const isOn = (day: Weekday) => daysOfWeek === undefined || daysOfWeek.includes(day);
  if (startTime === undefined || endTime === undefined) return isOn(weekday);
  const [start, end] = [minutesOf(startTime), minutesOf(endTime)];
  if (start < end) return minutes >= start && minutes < end && isOn(weekday);
  return minutes >= start ? isOn(weekday) : minutes < end && isOn(dayBefore(weekday));
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function dayBefore(weekday: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7]!;
}
