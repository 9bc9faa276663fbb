import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from '../config/config.js';
import { SecretKeys } from '../config/secret-keys.js';
import { requestInvalid } from '../errors/house.errors.js';
import { Cursors, type CursorValue } from './cursor.js';

const cursorsOf = (secret: string, previous?: string) => new Cursors(new SecretKeys({ APP_SECRET: secret, APP_SECRET_PREVIOUS: previous } as Config));
const cursors = cursorsOf('new '.repeat(8));

function refused(text: string, list = 'list', by = cursors): boolean {
  try {
    by.decode(list, text);
    return false;
  } catch (error) {
    if (requestInvalid.matches(error)) return true;
    throw error;
  }
}

describe('a cursor', () => {
  it('goes out and comes back, fit for a URL', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer()), { minLength: 1, maxLength: 4 }), (values: CursorValue[]) => {
        const text = cursors.encode('list', values);
        expect(text).toMatch(/^[\w.-]+$/);
        expect(cursors.decode('list', text)).toEqual(values);
      }),
    );
  });

  it('is refused when a single character was altered', () => {
    const text = cursors.encode('list', ['Ada', '019b2c7e']);
    for (let at = 0; at < text.length - 1; at += 1) {
      const altered = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
      expect([at, refused(altered)]).toEqual([at, true]);
    }
  });

  it.each(['', '.', '..', 'x', 'x.y', Buffer.from('["a"]').toString('base64url'), `${Buffer.from('["a"]').toString('base64url')}.`, 'é.🦉'])('is not %j', (text) => {
    expect(refused(text)).toBe(true);
  });

  it('of another list is refused, however alike', () => {
    const text = cursors.encode('list', ['a']);
    expect([refused(text), refused(text, 'lists')]).toEqual([false, true]);
  });

  it('survives a change of the secret while the old one is known', () => {
    const old = cursorsOf('old '.repeat(8));
    expect(cursorsOf('new '.repeat(8), 'old '.repeat(8)).decode('list', old.encode('list', ['a']))).toEqual(['a']);
    expect(refused(old.encode('list', ['a']))).toBe(true);
  });
});

describe('a page', () => {
  it('has a cursor when one more row was found than it shows, and none on the last', () => {
    const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    const { items, nextCursor } = cursors.page('list', rows, 2, ({ id }) => [id]);
    expect(items).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(cursors.decode('list', nextCursor!)).toEqual(['b']);
    expect(cursors.page('list', rows, 3, ({ id }) => [id])).toEqual({ items: rows, nextCursor: null });
  });
});
