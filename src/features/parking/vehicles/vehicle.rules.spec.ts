import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalisedLicense } from './vehicle.rules.js';

it.each([
  ['B-PZ 2026', 'BPZ2026'],
  ['b pz2026', 'BPZ2026'],
  ['B·PZ—2026', 'BPZ2026'],
  ['Ｂ－ＰＺ　２０２６', 'BPZ2026'],
  ['МАЯ 1', 'МАЯ1'],
  ['品川 500 さ 46-49', '品川500さ4649'],
  ['Ö-A 1', 'ÖA1'],
  ['ö-a 1', 'ÖA1'],
  ['ß1', 'SS1'],
  ['- -', ''],
])('%j is %j', (license, expected) => expect(normalisedLicense(license)).toBe(expected));

it('does not change what it has made', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (license) => expect(normalisedLicense(normalisedLicense(license))).toBe(normalisedLicense(license))));
});
