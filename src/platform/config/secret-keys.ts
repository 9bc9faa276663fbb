import { createHash, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from './config.js';

/** What a derived key is for. Keys of different purposes cannot stand in for one another. */
export type KeyPurpose = 'jwt' | 'refresh' | 'links' | 'cursors' | 'quotes' | 'devices' | 'sign-in' | 'mail' | 'push' | 'chat' | 'payments' | 'passes';

export interface DerivedKey {
  /** Names the key in a token or link without giving it away: 8 hex digits of its SHA-256. */
  readonly id: string;
  readonly key: Buffer;
}

/** Keys derived from APP_SECRET by HKDF-SHA256 (RFC 5869), one per purpose. */
@Injectable()
export class SecretKeys {
  private readonly secrets: string[];
  /** Each is derived once: every page of every list signs its cursor. */
  private readonly derived = new Map<KeyPurpose, readonly DerivedKey[]>();

  constructor(config: Config) {
    this.secrets = [config.APP_SECRET, ...(config.APP_SECRET_PREVIOUS === undefined ? [] : [config.APP_SECRET_PREVIOUS])];
  }

  /** The key to sign with. */
  current(purpose: KeyPurpose): DerivedKey {
    return this.live(purpose)[0]!;
  }

  /** Keys to accept, current first; two while APP_SECRET is being rotated. */
  live(purpose: KeyPurpose): readonly DerivedKey[] {
    const known = this.derived.get(purpose);
    if (known !== undefined) return known;
    const keys = this.secrets.map((secret) => {
      const key = Buffer.from(hkdfSync('sha256', secret, 'plaza', purpose, 32));
      return { id: createHash('sha256').update(key).digest('hex').slice(0, 8), key };
    });
    this.derived.set(purpose, keys);
    return keys;
  }
}
