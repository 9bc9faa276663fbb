import { describe, expect, it } from '@jest/globals';
import { PermissionSet } from '../../platform/auth/permission-set.js';
import type { Dataset } from '../../platform/datasets/dataset.js';
import { completeOrder, FILE_MEDIA_TYPES, fileExtension, fileName, fingerprint, mediaType, percentDone, quotaLimits, type RawOrder } from './exports.rules.js';

const dataset = {
  name: 'things',
  columns: [{ name: 'id', type: 'string' }, { name: 'size', type: 'integer' }],
  filters: [
    { name: 'kind', type: 'string', description: '', values: ['a', 'b'] },
    { name: 'rank', type: 'string', description: '', values: (permissions: PermissionSet) => (permissions.has('memes.ai') ? ['low', 'high'] : ['low']) },
    { name: 'text', type: 'string', description: '' },
    { name: 'size', type: 'integer', description: '' },
    { name: 'open', type: 'boolean', description: '' },
    { name: 'since', type: 'instant', description: '' },
  ],
} as unknown as Dataset;
const raw = { source: 'things', format: 'csv' };
const member = PermissionSet.of(['exports.order']);
const subscriber = PermissionSet.of(['exports.order', 'memes.ai']);
const complete = (change: Partial<RawOrder>, permissions = member) => completeOrder({ ...raw, ...change }, dataset, permissions);

describe('completing an order', () => {
  it('fills in what was left out', () => {
    expect(complete({})).toEqual({
      permissions: member, source: 'things', format: 'csv', compression: 'none', filters: {}, columns: ['id', 'size'], guard: true, bom: false,
    });
  });

  it('ignores csv options for other formats', () => {
    expect(complete({ format: 'ndjson', guard: true, bom: true })).toMatchObject({ guard: false, bom: false });
  });

  it.each([
    ['format', { format: 'pdf' }, 'export.unknown-format'],
    ['compression', { compression: 'rar' }, 'export.unknown-format'],
    ['column', { columns: ['id', 'password'] }, 'export.unknown-column'],
    ['filter', { filters: { owner: 'me' } }, 'export.unknown-filter'],
    ['inherited name as a filter', { filters: { constructor: 'x' } }, 'export.unknown-filter'],
  ])('refuses an unknown %s', (_, change, code) => {
    expect(() => complete(change)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['kind', 'c'], ['kind', 1], ['text', 'x'.repeat(501)], ['text', ['x']], ['text', null], ['size', 1.5], ['size', '1'], ['open', 'true'],
    ['since', '2026-01-31'], ['since', '2026-01-31T12:00:00'], ['since', '2026-13-31T12:00:00Z'], ['since', '2026-02-31T12:00:00Z'], ['since', '9999-12-31T23:59:59-10:00'], ['since', 5],
  ])('refuses %s = %j as of the wrong shape', (name, value) => {
    expect(() => complete({ filters: { [name]: value } })).toThrow(
      expect.objectContaining({ code: 'request.invalid', details: { errors: [expect.objectContaining({ path: `filters.${name}` })] } }),
    );
  });

  it('lets a filter have values that only some may choose', () => {
    expect(complete({ filters: { rank: 'high' } }, subscriber).filters).toEqual({ rank: 'high' });
    expect(complete({ filters: { rank: 'low' } }).filters).toEqual({ rank: 'low' });
    expect(() => complete({ filters: { rank: 'high' } })).toThrow(
      expect.objectContaining({ code: 'request.invalid', details: { errors: [{ path: 'filters.rank', message: 'must be one of low' }] } }),
    );
  });

  it('takes one instant in any offset', () => {
    const since = (text: string) => complete({ filters: { since: text } }).filters['since'];
    expect(since('2026-01-31T12:00:00+02:00')).toBe('2026-01-31T10:00:00.000Z');
  });
});

describe('completing an order of everything', () => {
  const everything = { name: 'everything', columns: [], filters: [], mayRead: () => true };

  it('takes its name alone and knows its form', () => {
    expect(completeOrder({ source: 'everything' }, everything, member)).toEqual({
      permissions: member, source: 'everything', format: 'ndjson', compression: 'zip', filters: {}, columns: [], guard: false, bom: false,
    });
  });

  it('has to be told the form of anything else', () => {
    expect(() => complete({ format: undefined })).toThrow(expect.objectContaining({ code: 'export.unknown-format' }));
  });
});

describe('the fingerprint', () => {
  const of = (change: Partial<RawOrder>, permissions = member) => fingerprint(complete(change, permissions));

  it('is the same for orders that would make the same file', () => {
    expect(of({ filters: { kind: 'a', size: 1 }, guard: true })).toBe(of({ filters: { size: 1, kind: 'a' }, columns: ['id', 'size'] }));
    expect(of({ format: 'ndjson', guard: false })).toBe(of({ format: 'ndjson' }));
  });

  it('differs with anything that shows in the file', () => {
    const all = [
      {}, { format: 'ndjson' }, { compression: 'gzip' }, { columns: ['id'] }, { columns: ['size', 'id'] }, { guard: false }, { bom: true },
      { filters: { size: 1 } }, { filters: { text: '1' } }, { filters: { kind: 'a' } },
    ].map((change) => of(change));
    all.push(of({}, subscriber));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('percent', () => {
  it.each([
    ['queued', 0, null, 0],
    ['running', 0, 0, 0],
    ['running', 1, 3, 33],
    ['running', 3, 3, 99],
    ['running', 5, 3, 99],
    ['succeeded', 0, 0, 100],
    ['expired', 3, 3, 100],
    ['cancelled', 1, 2, 50],
  ] as const)('of %s with %j of %j rows is %j', (state, rowsDone, rowsEstimated, percent) => {
    expect(percentDone({ state, rowsDone, rowsEstimated })).toBe(percent);
  });
});

it.each([
  ['csv', 'none', 'csv', 'text/csv; charset=utf-8'],
  ['ndjson', 'none', 'ndjson', 'application/x-ndjson'],
  ['json', 'none', 'json', 'application/json'],
  ['xlsx', 'none', 'xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ndjson', 'gzip', 'ndjson.gz', 'application/gzip'],
  ['xlsx', 'gzip', 'xlsx.gz', 'application/gzip'],
  ['csv', 'zip', 'zip', 'application/zip'],
] as const)('a file of %s with compression %s is a .%s of type %s', (format, compression, extension, type) => {
  const record = { source: 'things', format, compression, createdAt: new Date('2026-01-31T23:59:59Z') };
  expect(fileExtension(record)).toBe(extension);
  expect(fileName(record)).toBe(`things-2026-01-31.${extension}`);
  expect(mediaType(record)).toBe(type);
  expect(FILE_MEDIA_TYPES).toContain(type.split(';')[0]);
});

it.each([[1, 3, 20, 1], [2.5, 7, 50, 2], [0.01, 1, 1, 1]])('at scale %j allows %j under way, %j and %j copies a day', (scale, active, started, copies) => {
  expect(quotaLimits(scale)).toEqual({ active, started, copies });
});
