import { describe, expect, it } from '@jest/globals';
import { Conditions, escapeLike, jsonOf } from './sql-text.js';

describe('conditions', () => {
  it('are joined, and keep their values in order', () => {
    const where = new Conditions().and('a = ?', 1).and('b IS NULL').and('(c > ? OR d IN (?))', 2, ['x', 'y']);
    expect([where.sql, where.values]).toEqual(['WHERE a = ? AND b IS NULL AND (c > ? OR d IN (?))', [1, 2, ['x', 'y']]]);
  });

  it('are no clause at all when there is none', () => {
    expect(new Conditions().sql).toBe('');
  });
});

it.each([
  ['plant', 'plant'],
  ['100%', '100!%'],
  ['a_b!', 'a!_b!!'],
  ['back\\slash', 'back\\slash'],
])('%j stands for itself in a pattern as %j', (text, escaped) => {
  expect(escapeLike(text)).toBe(escaped);
});

it.each([
  ['as text', '{"a":[1,{"b":null}]}'],
  ['parsed', { a: [1, { b: null }] }],
])('JSON is the same whether it comes %s', (_, json) => {
  expect(jsonOf(json)).toEqual({ a: [1, { b: null }] });
});
