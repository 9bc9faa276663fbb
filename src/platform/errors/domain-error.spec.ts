import { describe, expect, it } from '@jest/globals';
import { declaredErrors, defineError, DomainError, STATUS_BY_KIND } from './domain-error.js';

const seatTaken = defineError<{ seat: number }>('spec.seat-taken', 'conflict', 'This seat is taken.');

describe('a declared error', () => {
  it('makes errors with its code, kind, message and details', () => {
    const error = seatTaken({ seat: 7 });
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'DomainError', code: 'spec.seat-taken', kind: 'conflict', message: 'This seat is taken.', details: { seat: 7 } });
    expect(seatTaken().details).toEqual({});
    expect(seatTaken({ seat: 7 }, 'Seat 7 is taken.').message).toBe('Seat 7 is taken.');
  });

  it('can be read without making one', () => {
    expect([seatTaken.code, seatTaken.kind, seatTaken.message]).toEqual(['spec.seat-taken', 'conflict', 'This seat is taken.']);
    expect(declaredErrors()).toContain(seatTaken);
  });

  it('knows its own', () => {
    const other = defineError('spec.other', 'conflict', 'Another one.');
    expect(seatTaken.matches(seatTaken())).toBe(true);
    for (const error of [other(), new Error('spec.seat-taken'), { code: 'spec.seat-taken' }, null, undefined, 'spec.seat-taken']) expect(seatTaken.matches(error)).toBe(false);
  });

  it('cannot be declared twice', () => {
    expect(() => defineError('spec.seat-taken', 'gone', 'This seat is gone.')).toThrow('error code spec.seat-taken is declared twice');
  });

  it('has a kind with a status of its own', () => {
    expect(STATUS_BY_KIND).toEqual({
      malformed: 400, unauthenticated: 401, 'payment-required': 402, forbidden: 403, 'not-found': 404, conflict: 409, gone: 410, precondition: 412,
      'too-large': 413, 'unsupported-media': 415, unprocessable: 422, locked: 423, 'too-many': 429, 'checksum-mismatch': 460, 'bad-gateway': 502, unavailable: 503, 'storage-full': 507,
    });
  });
});
