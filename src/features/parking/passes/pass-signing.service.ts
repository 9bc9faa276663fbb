import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys, type DerivedKey } from '../../../platform/config/secret-keys.js';
import type { PassKey } from './pass.types.js';

/** PKCS#8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly shown: PassKey;
}

/** Signs passes so that a gate needs only the public keys to check them, and no line to us. */
@Injectable()
export class PassSigning {
  private readonly pairs: readonly KeyPair[];

  constructor(secrets: SecretKeys) {
    this.pairs = secrets.live('passes').map(pairOf);
  }

  /** Keys to accept, current first; two while APP_SECRET is being rotated. */
  get publicKeys(): readonly PassKey[] {
    return this.pairs.map(({ shown }) => shown);
  }

  /** The claims as a compact JWS (RFC 7515). Ed25519 takes no random numbers: the same claims give the same text. */
  sign(claims: object): string {
    const { privateKey, shown } = this.pairs[0]!;
    const signed = [{ alg: shown.alg, kid: shown.kid }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
  }
}

function pairOf({ id, key }: DerivedKey): KeyPair {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, key]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, shown: { kty: 'OKP', crv: 'Ed25519', x: x!, kid: id, use: 'sig', alg: 'EdDSA' } };
}
