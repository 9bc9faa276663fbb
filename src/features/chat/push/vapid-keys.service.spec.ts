import { createECDH } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Config } from '../../../platform/config/config.js';
import { SecretKeys } from '../../../platform/config/secret-keys.js';
import { VapidKeys } from './vapid-keys.service.js';

const keysOf = (secret: string, previous?: string) => new VapidKeys(new SecretKeys({ APP_SECRET: secret, APP_SECRET_PREVIOUS: previous } as Config));
const [OLD, NEW] = ['old '.repeat(8), 'new '.repeat(8)];

describe('the keys that push services know us by', () => {
  it('are a pair of P-256, the same after each start', () => {
    const { publicKey, privateKey } = keysOf(OLD).current;
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(privateKey, 'base64url');
    expect(curve.getPublicKey('base64url')).toBe(publicKey);
    expect(Buffer.from(publicKey, 'base64url')).toHaveLength(65);
    expect(keysOf(OLD).current).toEqual(keysOf(OLD).current);
    expect(keysOf(NEW).current).not.toEqual(keysOf(OLD).current);
  });

  it('of the secret before are still there during rotation, and not after it', () => {
    const before = keysOf(OLD).current;
    const during = keysOf(NEW, OLD);
    expect(during.current).toEqual(keysOf(NEW).current);
    expect(during.find(before.id)).toEqual(before);
    expect(keysOf(NEW).find(before.id)).toBeUndefined();
  });
});
