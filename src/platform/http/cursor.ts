import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys } from '../config/secret-keys.js';
import { requestInvalid } from '../errors/house.errors.js';
import type { Page } from './page.dto.js';
import { isSameText } from './same-text.js';

export type CursorValue = string | number;

/**
 * Seek positions for pages: opaque to clients, and signed together with the name of their list, so that
 * what comes back is what that list sent and can be trusted as an SQL argument.
 */
@Injectable()
export class Cursors {
  constructor(private readonly keys: SecretKeys) {}

  /**
   * A page out of rows that were read with one more than `limit`: that one tells whether there is another.
   *
   * @param list names the list, e.g. `credits.entries`
   * @param keyOf the sort key of a row
   */
  page<Row>(list: string, found: readonly Row[], limit: number, keyOf: (row: Row) => readonly CursorValue[]): Page<Row> {
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? this.encode(list, keyOf(items.at(-1)!)) : null };
  }

  /** @param values the sort key of the last row on the page */
  encode(list: string, values: readonly CursorValue[]): string {
    const body = Buffer.from(JSON.stringify(values)).toString('base64url');
    return `${body}.${sign(list, body, this.keys.current('cursors').key)}`;
  }

  /**
   * The sort key after which the page begins; undefined without a cursor, on the first page.
   *
   * @param parameter in which it came
   * @throws requestInvalid when the cursor was altered or belongs to another list
   */
  decode<Key extends readonly CursorValue[]>(list: string, cursor: string | undefined, parameter: 'cursor' | 'since' = 'cursor'): Key | undefined {
    if (cursor === undefined) return undefined;
    const [body = '', ...signature] = cursor.split('.');
    // As text, so that one cursor has one spelling: base64url decoders overlook what does not belong there.
    const given = signature.join('.');
    const genuine = this.keys.live('cursors').some(({ key }) => isSameText(given, sign(list, body, key)));
    if (!genuine) throw requestInvalid({ errors: [{ path: parameter, message: `must be the ${parameter === 'since' ? 'next of an earlier answer' : 'nextCursor of an earlier page of this list'}` }] });
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as Key;
  }
}

/** 16 bytes of HMAC-SHA256 keep the cursor short and forging one out of reach. */
function sign(list: string, body: string, key: Buffer): string {
  return createHmac('sha256', key).update(`${list}\n${body}`).digest().subarray(0, 16).toString('base64url');
}
