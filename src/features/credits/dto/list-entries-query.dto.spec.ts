import { expect, it } from '@jest/globals';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { validationPipe } from '../../../platform/http/validation.js';
import { ListEntriesQueryDto } from './list-entries-query.dto.js';

const read = (query: object) => validationPipe().transform(query, { type: 'query', metatype: ListEntriesQueryDto });

it('a query may leave everything out', async () => {
  expect(await read({})).toEqual({ limit: 20 });
  expect(await read({ kind: 'accrual', limit: '5' })).toEqual({ kind: 'accrual', limit: 5 });
});

it.each([{ kind: null }, { kind: 'theft' }, { kind: ['accrual'] }, { limit: null }])('%j is not left out, but wrong', async (query) => {
  await expect(read(query)).rejects.toMatchObject({ code: requestInvalid.code });
});
