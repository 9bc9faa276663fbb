import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys } from '../config/secret-keys.js';
import { requestInvalid } from '../errors/house.errors.js';

export type CursorValue = string | number;

/** Seek positions for pages: opaque to clients and signed, so that a position can be trusted as an SQL argument. */
@Injectable()
export class Cursors {
  constructor(private readonly keys: SecretKeys) {}

  /** @param values the sort key of the last row on the page */
  encode(values: readonly CursorValue[]): string {
    const body = Buffer.from(JSON.stringify(values)).toString('base64url');
    return `${body}.${sign(body, this.keys.current('cursors').key).toString('base64url')}`;
  }

  /**
   * @param length how many values the list's sort key has
   * @throws requestInvalid when the cursor was altered or belongs to another kind of list
   */
  decode(text: string, length: number): CursorValue[] {
    const [body = '', signature = ''] = text.split('.');
    const given = Buffer.from(signature, 'base64url');
    const genuine = this.keys.live('cursors').some(({ key }) => {
      const expected = sign(body, key);
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
    const values = genuine ? (JSON.parse(Buffer.from(body, 'base64url').toString()) as CursorValue[]) : [];
    if (values.length !== length) {
      throw requestInvalid({ errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page of this list' }] });
    }
    return values;
  }
}

/** 16 bytes of HMAC-SHA256 keep the cursor short and forging one out of reach. */
function sign(body: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(body).digest().subarray(0, 16);
}
