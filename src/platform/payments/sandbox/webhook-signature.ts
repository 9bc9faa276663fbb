import { createHmac } from 'node:crypto';
import type { DerivedKey } from '../../config/secret-keys.js';
import { isSameText } from '../../http/same-text.js';

export const SIGNATURE_HEADER = 'payment-signature';
/** Either way: clocks differ. */
export const TOLERANCE_SECONDS = 300;

const HEADER = /^t=(?<time>\d{1,12}),v1=(?<signature>[0-9a-f]{64})$/;

/**
 * The header that says who sent a body, and when.
 *
 * @param time Unix time in seconds
 */
export function signatureHeader(body: string | Buffer, time: number, { key }: DerivedKey): string {
  return `t=${time},v1=${createHmac('sha256', key).update(`${time}.`).update(body).digest('hex')}`;
}

/** Whether one of the keys signed this body within the tolerance. */
export function isSigned(body: Buffer, header: unknown, now: number, keys: readonly DerivedKey[]): boolean {
  if (typeof header !== 'string') return false;
  const time = Number(HEADER.exec(header)?.groups?.['time'] ?? NaN);
  return Math.abs(now - time) <= TOLERANCE_SECONDS && keys.some((key) => isSameText(header, signatureHeader(body, time, key)));
}
