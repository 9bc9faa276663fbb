import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from './config.js';
import { seal, unseal } from './sealed.js';
import { SecretKeys } from './secret-keys.js';

const [OLD, NEW] = ['old '.repeat(8), 'new '.repeat(8)];
const keysOf = (secret: string, previous?: string) => new SecretKeys({ APP_SECRET: secret, APP_SECRET_PREVIOUS: previous } as Config);
const KEYS = keysOf(OLD).live('mail');
const VALUE = { to: 'ada@example.org', text: 'the key to an account, é🦉' };
const sealed = seal(VALUE, keysOf(OLD).current('mail'), 'one');

describe('what is sealed', () => {
  it('shows nothing of what it says', () => {
    for (const text of ['ada', 'example.org', 'account', 'text']) expect(sealed.includes(text)).toBe(false);
  });

  it('is another each time', () => {
    expect(seal(VALUE, keysOf(OLD).current('mail'), 'one').equals(sealed)).toBe(false);
  });

  it.each([
    ['its key', keysOf(OLD)],
    ['a key that was rotated away since', keysOf(NEW, OLD)],
  ])('is opened with %s', (_, keys) => {
    expect(unseal(sealed, keys.live('mail'), 'one')).toEqual(VALUE);
  });

  it('is closed to every other key, and in every other place', () => {
    expect(unseal(sealed, keysOf(NEW).live('mail'), 'one')).toBeUndefined();
    expect(unseal(sealed, keysOf(OLD).live('sign-in'), 'one')).toBeUndefined();
    expect(unseal(sealed, [], 'one')).toBeUndefined();
    expect(unseal(sealed, KEYS, 'two')).toBeUndefined();
  });

  it('is nothing once a single bit is another', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Buffer.from(sealed);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(unseal(changed, KEYS, 'one')).toBeUndefined();
      }),
    );
  });

  it('is never made of any other bytes, nor of a part of it', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expect(unseal(Buffer.from(bytes), KEYS, 'one')).toBeUndefined()));
    for (let length = 0; length < sealed.length; length += 1) expect(unseal(sealed.subarray(0, length), KEYS, 'one')).toBeUndefined();
  });
});
