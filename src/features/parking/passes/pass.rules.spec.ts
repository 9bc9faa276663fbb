import { expect, it } from '@jest/globals';
import { passClaims, passLines } from './pass.rules.js';

const STAY = { id: '019a0000-0000-7000-8000-000000000001', spotLabel: 'A-07', startsAt: new Date('2026-03-29T00:30:00Z'), endsAt: new Date('2026-03-29T01:30:00Z') };
const GARAGE = { id: '019a0000-0000-7000-8000-000000000002', name: 'Harbour', timeZone: 'Europe/Berlin', graceMinutes: 10 };
const PLATE = { country: 'DE', license: 'B-AB 123', licenseNormalised: 'BAB123' };

it('a pass holds what the reservation says, and for as long with the grace', () => {
  expect(passClaims(STAY, GARAGE, PLATE, 'https://plaza.example')).toEqual({
    iss: 'https://plaza.example', sub: STAY.id, garage: GARAGE.id, spot: 'A-07', plate: 'DE BAB123',
    nbf: Date.parse('2026-03-29T00:20:00Z') / 1000, exp: Date.parse('2026-03-29T01:40:00Z') / 1000,
  });
});

it.each([
  ['over the hour that is missing', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z', 'Sun, 29 Mar 2026, 01:30 CET', 'Sun, 29 Mar 2026, 03:30 CEST'],
  ['over the hour that is there twice', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', 'Sun, 25 Oct 2026, 02:30 CEST', 'Sun, 25 Oct 2026, 02:30 CET'],
])('people read the clock of the garage, %s', (_, startsAt, endsAt, from, to) => {
  const plain = passLines({ ...STAY, startsAt: new Date(startsAt), endsAt: new Date(endsAt) }, GARAGE, PLATE).map((line) => line.replace(/\s/g, ' '));
  // How the parts of a date are put together is the runtime's.
  expect(plain.map((line) => line.replace(' at ', ', '))).toEqual(['A-07', 'Harbour', 'DE B-AB 123', `from ${from}`, `to ${to}`]);
});
