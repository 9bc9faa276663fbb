import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys, type DerivedKey } from '../../config/secret-keys.js';
import { isSameText } from '../../http/same-text.js';

/** An id of 16 bytes and an HMAC of 32, in base64url. */
const SECRET = /^[\w-]{64}$/;
const ID_BYTES = 16;

/** The secrets by which people pay: each says of itself which payment it is for, so that none is stored. */
@Injectable()
export class ClientSecrets {
  constructor(private readonly keys: SecretKeys) {}

  /** @param paymentId a UUID in lower case */
  of(paymentId: string): string {
    return secretOf(paymentId, this.keys.current('payments'));
  }

  /** The payment that a text is the secret of; undefined when it is that of none. */
  paymentIdOf(text: string): string | undefined {
    if (!SECRET.test(text)) return undefined;
    const hex = Buffer.from(text, 'base64url').toString('hex', 0, ID_BYTES);
    const paymentId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    return this.keys.live('payments').some((key) => isSameText(text, secretOf(paymentId, key))) ? paymentId : undefined;
  }
}

function secretOf(paymentId: string, { key }: DerivedKey): string {
  // Begins with a word: what is signed for webhooks with the same key begins with digits.
  const mac = createHmac('sha256', key).update(`client-secret ${paymentId}`).digest();
  return Buffer.concat([Buffer.from(paymentId.replaceAll('-', ''), 'hex'), mac]).toString('base64url');
}
