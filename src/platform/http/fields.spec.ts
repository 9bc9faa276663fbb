import { describe, expect, it } from '@jest/globals';
import 'reflect-metadata';
import type { DomainError } from '../errors/domain-error.js';
import { IsInstant, MayBeAbsent, TextLength } from './fields.js';
import { validationPipe } from './validation.js';

class FieldsDto {
  @MayBeAbsent()
  @TextLength(2, 4)
  text?: string;

  @MayBeAbsent()
  @IsInstant()
  at?: Date;
}

const pipe = validationPipe();
const check = (body: object) => pipe.transform(body, { type: 'body', metatype: FieldsDto }) as Promise<FieldsDto>;
const faults = (body: object) => check(body).then(() => [], (error: DomainError) => error.details['errors']) as Promise<{ path: string; message: string }[]>;

describe('a text', () => {
  it.each(['ab', 'abcd', '🦉🦉🦉🦉', '❤\uFE0F❤\uFE0F', 'é\u0301'])('of 2 to 4 characters may be %j', async (text) => expect(await faults({ text })).toEqual([]));
  it.each(['', 'a', 'abcde', '🦉', '🦉🦉🦉🦉🦉', '❤\uFE0F❤\uFE0F❤', null, 7, ['ab'], { length: 3 }, true])('may not be %j', async (text) => {
    expect(await faults({ text })).toEqual([{ path: 'text', message: 'text must be a text of 2 to 4 characters' }]);
  });
});

describe('a time', () => {
  it.each([
    ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00.000Z'], ['2026-03-01T00:00:00+05:45', '2026-02-28T18:15:00.000Z'], ['2028-02-29T12:00:00.5Z', '2028-02-29T12:00:00.500Z'], ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('may be %s', async (at, expected) => expect((await check({ at })).at?.toISOString()).toBe(expected));
  it.each(['', 'soon', '2026-03-01', '2026-03-01T00:00:00', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-03-01T24:00:00Z', '+012026-03-01T00:00:00Z', '9999-12-31T23:59:59-10:00', '0001-01-01T00:00:00+00:01', 0, 1e15, null, {}, ['2026-03-01T00:00:00Z']])(
    'may not be %j',
    async (at) => expect((await faults({ at })).map(({ path }) => path)).toContain('at'),
  );
});

it('a field may be left out, which null is not', async () => {
  expect(await faults({})).toEqual([]);
  expect(await faults({ text: undefined, at: undefined })).toEqual([]);
});
