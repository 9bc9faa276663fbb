import { describe, expect, it } from '@jest/globals';
import { hkdfSync } from 'node:crypto';
import type { Config } from './config.js';
import { SecretKeys, type KeyPurpose } from './secret-keys.js';

const PURPOSES: KeyPurpose[] = ['jwt', 'refresh', 'links', 'cursors', 'quotes', 'devices', 'sign-in', 'mail'];
const keysOf = (secret: string, previous?: string) => new SecretKeys({ APP_SECRET: secret, APP_SECRET_PREVIOUS: previous } as Config);
const [OLD, NEW] = ['old '.repeat(8), 'new '.repeat(8)];

describe('keys', () => {
  it('are 32 bytes by HKDF-SHA256, another for each purpose', () => {
    const keys = keysOf(NEW);
    expect(keys.current('jwt').key.equals(Buffer.from(hkdfSync('sha256', NEW, 'plaza', 'jwt', 32)))).toBe(true);
    expect(new Set(PURPOSES.map((purpose) => keys.current(purpose).key.toString('hex'))).size).toBe(PURPOSES.length);
    expect(new Set(PURPOSES.map((purpose) => keys.current(purpose).id)).size).toBe(PURPOSES.length);
  });

  it('have ids that do not give them away', () => {
    const { id, key } = keysOf(NEW).current('jwt');
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(key.toString('hex')).not.toContain(id);
  });

  it('of the previous secret are live, after the current ones', () => {
    expect(keysOf(NEW, OLD).live('links')).toEqual([keysOf(NEW).current('links'), keysOf(OLD).current('links')]);
    expect(keysOf(NEW, OLD).current('links')).toEqual(keysOf(NEW).current('links'));
    expect(keysOf(NEW).live('links')).toHaveLength(1);
  });
});
