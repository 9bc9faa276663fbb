import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { promisedSha256 } from './content-digest.rules.js';

const hash = createHash('sha256').update('plaza');
const [base64, hex] = [hash.copy().digest('base64'), hash.copy().digest('hex')];
const other = createHash('sha256').digest('base64');

describe('a Content-Digest', () => {
  it.each([
    ['SHA-256', `sha-256=:${base64}:`],
    ['SHA-256 among others', `sha-512=:${createHash('sha512').digest('base64')}:, sha-256=:${base64}:,md5=::`],
    ['the last of two', `sha-256=:${other}:, sha-256=:${base64}:`],
  ])('promises %s', (_, header) => {
    expect(promisedSha256(header)).toBe(hex);
  });

  it.each([undefined, 'sha-512=:AAAA:', 'unixsum=:AA==:'])('promises nothing that is checked: %s', (header) => {
    expect(promisedSha256(header)).toBeUndefined();
  });

  it.each(['', 'sha-256', `sha-256=${base64}`, `sha-256=:${base64}`, `SHA-256=:${base64}:`, 'sha-256=:AAAA:', 'sha-256=::', `sha-256=:${base64}:,`, `sha-256=:${base64.slice(0, -1)}:`, `sha-256=:${base64.replace('=', '*')}:`, `sha-256=:${base64}:;x`])(
    'is malformed: %j',
    (header) => {
      let error: unknown;
      try {
        promisedSha256(header);
      } catch (thrown) {
        error = thrown;
      }
      expect(requestInvalid.matches(error)).toBe(true);
    },
  );
});
