import { describe, expect, it } from '@jest/globals';
import { faultOf } from './json-body.js';

const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`);

describe('a JSON body', () => {
  it.each([[{}], [{ a: 1, b: ['x', null, { c: true }] }], [nested(32)], [{ list: Array.from({ length: 9_999 }, () => 1) }], [{ '😀': '👩‍👩‍👧' }]])('may be %j', (body) => {
    expect(faultOf(body)).toBeUndefined();
  });

  it.each([[[]], [null], ['text'], [7], [true]])('must be an object, not %j', (body) => {
    expect(faultOf(body)).toEqual({ path: '', message: 'the body must be a JSON object' });
  });

  it('is not nested without end', () => {
    expect(faultOf(nested(33))?.message).toContain('nested');
    expect(faultOf(nested(5_000))?.message).toContain('nested');
  });

  it('is not of any breadth', () => {
    expect(faultOf({ list: Array.from({ length: 10_000 }, () => 1) })?.message).toContain('10000');
  });

  it.each(['constructor', 'hasOwnProperty', 'toString', '__defineGetter__'])('has no field %s, which every object has', (name) => {
    expect(faultOf({ ok: { [name]: 1 } })).toEqual({ path: name, message: `property ${name} should not exist` });
  });

  it('is well-formed Unicode, keys and texts', () => {
    expect(faultOf(JSON.parse('{"a":"\\ud800"}'))?.path).toBe('a');
    expect(faultOf(JSON.parse('{"\\udc00":1}'))?.message).toContain('Unicode');
  });
});
