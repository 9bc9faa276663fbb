import { describe, expect, it } from '@jest/globals';
import { vouchedBy, withParameter, type Claims } from './oidc.rules.js';

describe('what a provider vouches for', () => {
  const vouched = (claims: Claims) => vouchedBy('house', { sub: 'one', email: 'ada@example.org', email_verified: true, ...claims }, (text) => text.includes('@'));

  it.each([undefined, null, 7, '', ' ', 'x ', 'ö', 'a\nb', 'x'.repeat(256)])('is nothing about the account %j', (sub) => expect(vouched({ sub })).toBeUndefined());
  it.each(['x', 'X', 'x'.repeat(255), 'auth0|5f7c', 'cn=Ada Lovelace,o=x', "'--"])('is about the account %j, to the letter', (sub) => expect(vouched({ sub })?.subject).toBe(sub));

  it.each<[Claims, string | null]>([
    [{ email: ' Ada@Example.ORG ' }, 'ada@example.org'],
    [{ email_verified: false }, null],
    [{ email_verified: 'true' }, null],
    [{ email_verified: 1 }, null],
    [{ email_verified: undefined }, null],
    [{ email: undefined }, null],
    [{ email: 'no address' }, null],
    [{ email: ['ada@example.org'] }, null],
    [{ email: '\u212Aate@example.org' }, null],
    [{ email: 'K\u00C4TE@example.org' }, 'k\u00E4te@example.org'],
  ])('with %j is the address %j', (claims, email) => expect(vouched(claims)?.email).toBe(email));

  it.each<[Claims, string]>([
    [{ name: 'Ada' }, 'Ada'],
    [{ name: '  Ada \u0000\n Lovelace\t' }, 'Ada   Lovelace'],
    [{ name: `${'🦉'.repeat(79)} x` }, '🦉'.repeat(79)],
    [{ name: '🦉'.repeat(81) }, '🦉'.repeat(80)],
    [{ name: ' \n ', preferred_username: 'ada' }, 'ada'],
    [{ name: { first: 'Ada' }, preferred_username: 'ada' }, 'ada'],
    [{ name: '', preferred_username: '' }, 'ada'],
    [{ email: 'someone.else@example.org', email_verified: false }, 'someone.else'],
    [{ email: undefined }, 'house'],
    [{ email: '@example.org' }, 'house'],
  ])('with %j is the name %j', (claims, name) => expect(vouched(claims)?.displayName).toBe(name));
});

describe('an address with one more parameter', () => {
  it.each([
    ['https://app.test/', 'https://app.test/?code=a%26b'],
    ['https://app.test/in?x=1', 'https://app.test/in?x=1&code=a%26b'],
    ['https://app.test/in?code=old', 'https://app.test/in?code=a%26b'],
    ['com.example.plaza:/in', 'com.example.plaza:/in?code=a%26b'],
  ])('of %s is %s', (url, expected) => expect(withParameter(url, 'code', 'a&b')).toBe(expected));
});
