import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from '../../config/config.js';
import { SecretKeys } from '../../config/secret-keys.js';
import { ClientSecrets } from './client-secrets.js';

const secretsOf = (secret: string, previous?: string) => new ClientSecrets(new SecretKeys({ APP_SECRET: secret.repeat(40), APP_SECRET_PREVIOUS: previous?.repeat(40) } as Config));
const ID = '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11';
const secrets = secretsOf('a');
const secret = secrets.of(ID);

describe('a client secret', () => {
  it('is that of one payment, the same each time', () => {
    expect(secret).toMatch(/^[\w-]{64}$/);
    fc.assert(fc.property(fc.uuid(), fc.uuid(), (one, other) => {
      expect(secrets.paymentIdOf(secrets.of(one))).toBe(one);
      expect(secrets.of(one)).toBe(secrets.of(one));
      expect(secrets.of(one) === secrets.of(other)).toBe(one === other);
    }));
  });

  it('cannot be guessed from another, character by character', () => {
    for (let at = 0; at < secret.length; at += 1) {
      const altered = `${secret.slice(0, at)}${secret[at] === 'A' ? 'B' : 'A'}${secret.slice(at + 1)}`;
      expect(secrets.paymentIdOf(altered)).toBeUndefined();
    }
  });

  it.each(['', ID, secret.slice(1), `${secret}A`, `${secret}=`, secret.replace(/.$/, '+'), '\u0000'.repeat(64)])('is not %j', (text) => expect(secrets.paymentIdOf(text)).toBeUndefined());

  it('lives on while the key it was made with does', () => {
    expect(secretsOf('b', 'a').paymentIdOf(secret)).toBe(ID);
    expect(secretsOf('b').paymentIdOf(secret)).toBeUndefined();
  });
});
