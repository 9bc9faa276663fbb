import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DerivedKey } from './secret-keys.js';

const CIPHER = 'aes-256-gcm';
/** What GCM wants its nonce and makes its tag (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts and authenticates a JSON value (AES-256-GCM, a random nonce each).
 *
 * @param place where it is to be opened, such as the id of its row: elsewhere it is not, so that no value can stand in for another
 */
export function seal(value: object, { key }: DerivedKey, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place));
  const text = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

/** What was sealed; undefined when none of the keys sealed it for this place, or it was changed. */
export function unseal<Value>(sealed: Buffer, keys: readonly DerivedKey[], place: string): Value | undefined {
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  if (sealed.length < tagEnd) return undefined;
  for (const { key } of keys) {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd));
    try {
      return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]).toString()) as Value;
    } catch {
      // Not with this key.
    }
  }
  return undefined;
}
