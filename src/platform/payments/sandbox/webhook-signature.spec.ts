import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSigned, signatureHeader } from './webhook-signature.js';

const NOW = 1_790_000_000;
const KEY = { id: 'one', key: Buffer.alloc(32, 1) };
const OTHER = { id: 'two', key: Buffer.alloc(32, 2) };
const BODY = Buffer.from('{"eventId":"e"}');
const header = signatureHeader(BODY, NOW, KEY);

describe('the signature of a webhook', () => {
  it('is that of the time and the body', () => {
    expect(header).toBe(`t=${NOW},v1=${createHmac('sha256', KEY.key).update(`${NOW}.${BODY.toString()}`).digest('hex')}`);
    expect(isSigned(BODY, header, NOW, [KEY])).toBe(true);
  });

  it.each([[0, true], [300, true], [301, false], [-300, true], [-301, false]])('%d s later is taken: %s', (seconds, taken) => expect(isSigned(BODY, header, NOW + seconds, [KEY])).toBe(taken));

  it('is taken of an old key while that is known', () => {
    expect(isSigned(BODY, header, NOW, [OTHER, KEY])).toBe(true);
    expect(isSigned(BODY, header, NOW, [OTHER])).toBe(false);
  });

  it('does not hold for another body or another time', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => isSigned(Buffer.from(bytes), header, NOW, [KEY]) === BODY.equals(bytes)));
    expect(isSigned(BODY, header.replace(`t=${NOW}`, `t=${NOW + 1}`), NOW, [KEY])).toBe(false);
  });

  it.each([
    undefined, '', 't=', 'v1=', [header], `${header},v1=00`, ` ${header}`, header.toUpperCase(), header.replace('v1', 'v0'), header.replace(`t=${NOW}`, 't=NaN'), header.replace(`t=${NOW}`, `t=0${NOW}`),
    header.slice(0, -1), `t=${NOW},v1=${'0'.repeat(64)}`,
  ])('is not %j', (forged) => expect(isSigned(BODY, forged, NOW, [KEY])).toBe(false));
});
