import { expect } from '@jest/globals';
import ICAL from 'ical.js';
import nodeIcal, { type VEvent } from 'node-ical';

/** An event of a calendar as software written elsewhere reads it. */
export interface SeenEvent {
  uid: string;
  summary: string;
  location: string;
  status: string;
  sequence: number;
  /** The instants, in UTC. */
  start: string;
  end: string;
}

/** As ical.js reads it, by the time zones in the text alone. */
export function byIcalJs(text: string): SeenEvent[] {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  const zones = new Map(calendar.getAllSubcomponents('vtimezone').map((component) => {
    const tzid = String(component.getFirstPropertyValue('tzid'));
    return [tzid, ICAL.Timezone.fromData({ component, tzid })];
  }));
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component);
    const instant = (name: string): string => {
      const time = component.getFirstPropertyValue(name) as ICAL.Time;
      const tzid = component.getFirstProperty(name)!.getFirstParameter('tzid');
      if (tzid) time.zone = zones.get(tzid)!;
      return time.toJSDate().toISOString();
    };
    return {
      uid: event.uid, summary: event.summary, location: event.location, status: String(component.getFirstPropertyValue('status')), sequence: Number(event.sequence),
      start: instant('dtstart'), end: instant('dtend'),
    };
  });
}

/** As node-ical reads it, by the time zones that its runtime knows. */
export function byNodeIcal(text: string): SeenEvent[] {
  return Object.values(nodeIcal.sync.parseICS(text)).filter((component): component is VEvent => component?.type === 'VEVENT').map((event) => ({
    uid: event.uid, summary: event.summary as string, location: event.location as string, status: String(event.status), sequence: Number(event.sequence),
    start: event.start.toISOString(), end: event.end!.toISOString(),
  }));
}

/** The events of a calendar, which both read the same. */
export function eventsOf(text: string): SeenEvent[] {
  const events = byIcalJs(text);
  expect(byNodeIcal(text)).toEqual(events);
  return events;
}
