import { describe, expect, it } from '@jest/globals';
import { errnoOf, isDatabaseUnreachable, isDuplicate } from './sql-errors.js';

const failure = (properties: object, message = ''): Error => Object.assign(new Error(message), properties);

describe('errnoOf', () => {
  it.each([
    [failure({ errno: 1213 }), 1213],
    [failure({ errno: 'x' }), undefined],
    [new Error('plain'), undefined],
    ['text', undefined],
    [undefined, undefined],
    [null, undefined],
  ])('of %p is %p', (error, errno) => expect(errnoOf(error)).toBe(errno));
});

describe('isDuplicate', () => {
  it.each([
    ["Duplicate entry 'a' for key 'uq_member_email'", true],
    ["Duplicate entry 'a' for key 'member.uq_member_email'", true],
    ["Duplicate entry 'a' for key 'not_uq_member_email'", false],
    ["Duplicate entry 'x' for key 'uq_member_email' for key 'PRIMARY'", false],
  ])('reads the key from the end of: %s', (message, expected) => {
    expect(isDuplicate(failure({ errno: 1062 }, message), 'uq_member_email')).toBe(expected);
  });

  it('is for error 1062 alone', () => {
    expect(isDuplicate(failure({ errno: 1452 }, "for key 'uq_member_email'"), 'uq_member_email')).toBe(false);
  });
});

describe('isDatabaseUnreachable', () => {
  it.each([
    [failure({ code: 'ECONNREFUSED', syscall: 'connect', fatal: true }), true],
    [failure({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }), true],
    [failure({ code: 'ER_CON_COUNT_ERROR', errno: 1040 }), true],
    [failure({ code: 'ENOENT', syscall: 'connect' }), true],
    [failure({ fatal: true }, "Can't add new command when connection is in closed state"), true],
    [failure({ code: 'ENOENT', syscall: 'open' }), false],
    [failure({ code: 'ER_DUP_ENTRY', errno: 1062 }), false],
    [failure({ code: 'ECONNRESET', syscall: 'read' }), false],
    [new Error('plain'), false],
    [undefined, false],
  ])('of %p is %p', (error, expected) => expect(isDatabaseUnreachable(error)).toBe(expected));
});
