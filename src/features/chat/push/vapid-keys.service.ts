import { createECDH, createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys, type DerivedKey } from '../../../platform/config/secret-keys.js';

/** A key by which push services recognise us (RFC 8292); both halves base64url. */
export interface VapidKey {
  readonly id: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The keys that browsers subscribe with. Derived like all others: there is nothing more to keep, or to lose. */
@Injectable()
export class VapidKeys {
  private readonly keys: readonly VapidKey[];

  constructor(secrets: SecretKeys) {
    this.keys = secrets.live('push').map(pairOf);
  }

  /** For new subscriptions. */
  get current(): VapidKey {
    return this.keys[0]!;
  }

  /** The key of a subscription; undefined when it was made for a secret that is no longer known. */
  find(id: string): VapidKey | undefined {
    return this.keys.find((key) => key.id === id);
  }
}

function pairOf({ id, key }: DerivedKey): VapidKey {
  const curve = createECDH('prime256v1');
  // One number of 2^32 is larger than the order of the curve, and no key.
  for (let secret = key; ; secret = createHash('sha256').update(secret).digest()) {
    try {
      curve.setPrivateKey(secret);
      return { id, publicKey: curve.getPublicKey('base64url'), privateKey: secret.toString('base64url') };
    } catch {
      continue;
    }
  }
}
