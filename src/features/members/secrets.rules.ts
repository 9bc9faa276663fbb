import { createHash } from 'node:crypto';

/**
 * What is kept of a secret that was given out: refresh tokens, API tokens, codes, reset tokens. They are 32
 * random bytes each, so a plain hash is enough; passwords are not, see Passwords.
 */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
