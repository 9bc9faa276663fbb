import { describe, expect, it } from '@jest/globals';
import { hasCurrent } from './etag.js';

describe('If-None-Match', () => {
  it.each([
    [undefined, '"a"', false],
    ['', '"a"', false],
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['"b", "a"', '"a"', true],
    ['*', '"a"', true],
    ['"b"', '"a"', false],
    ['a', '"a"', false],
  ])('%s and the tag %s: %j', (header, etag, current) => expect(hasCurrent(header, etag)).toBe(current));
});
