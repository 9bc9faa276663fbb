import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { requestInvalid } from '../errors/house.errors.js';
import { SchemaPipe } from './schema-pipe.js';

const pipe = new SchemaPipe(z.strictObject({ name: z.string('name must be a text').optional(), size: z.string().regex(/^\d+$/, 'size must be digits').transform(Number).default(7) }));

function faults(given: Record<string, unknown>): unknown {
  try {
    return { passed: pipe.transform(given) };
  } catch (error) {
    if (requestInvalid.matches(error)) return error.details.errors;
    throw error;
  }
}

it('gives what the schema makes of the parameters', () => {
  expect(pipe.transform({ name: 'Ada', size: '12' })).toEqual({ name: 'Ada', size: 12 });
  expect(pipe.transform({})).toEqual({ size: 7 });
});

it('takes a parameter without a value for one that was left out', () => {
  expect(pipe.transform({ name: '', size: '' })).toEqual({ size: 7 });
});

it('names every wrong parameter, and every one that is not known', () => {
  expect(faults({ name: ['a', 'b'], size: 'x' })).toEqual([{ path: 'name', message: 'name must be a text' }, { path: 'size', message: 'size must be digits' }]);
  expect(faults({ colour: 'red', shape: 'round' })).toEqual([{ path: 'colour', message: 'property colour should not exist' }, { path: 'shape', message: 'property shape should not exist' }]);
});

it.each(['x', ['a', 'b'], ''])('knows no parameter `__proto__`: %j', (value) => {
  const given: Record<string, unknown> = Object.assign(Object.create(null), { size: '' });
  given['__proto__'] = value;
  expect(faults(given)).toEqual(value === '' ? { passed: { size: 7 } } : [{ path: '__proto__', message: 'property __proto__ should not exist' }]);
});

it('names no more of them than help', () => {
  expect(faults(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`p${index}`, 'x'])))).toHaveLength(50);
});
