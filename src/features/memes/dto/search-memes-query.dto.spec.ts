import { describe, expect, it } from '@jest/globals';
import type { DomainError } from '../../../platform/errors/domain-error.js';
import { SchemaPipe } from '../../../platform/http/schema-pipe.js';
import { searchMemesQuery, suggestMemesQuery } from './search-memes-query.dto.js';

const check = (query: Record<string, unknown>) => new SchemaPipe(searchMemesQuery).transform(query);

function pathsOf(query: Record<string, unknown>, pipe: { transform(query: Record<string, unknown>): unknown } = new SchemaPipe(searchMemesQuery)): string[] {
  try {
    pipe.transform(query);
    return [];
  } catch (error) {
    return ((error as DomainError).details['errors'] as { path: string }[]).map(({ path }) => path);
  }
}

describe('a search', () => {
  it('has defaults', () => {
    expect(check({})).toEqual({ fuzzy: false, sort: 'relevance', limit: 20 });
    expect(check({ query: '', fuzzy: '', lat: '', lon: '', radiusKm: '', template: '', kind: '', rating: '', sort: '', limit: '', cursor: '' })).toEqual(check({}));
  });

  it.each([
    [{ lat: '52.52', lon: '13.405' }, { lat: 52.52, lon: 13.405 }],
    [{ lat: '-90', lon: '180' }, { lat: -90, lon: 180 }],
    [{ lat: '+1', lon: '.5' }, { lat: 1, lon: 0.5 }],
    [{ lat: '5e-1', lon: '1.2E2' }, { lat: 0.5, lon: 120 }],
    [{ lat: '0', lon: '0', radiusKm: '20038' }, { lat: 0, lon: 0, radiusKm: 20_038 }],
    [{ fuzzy: 'true' }, { fuzzy: true }],
    [{ fuzzy: 'false' }, { fuzzy: false }],
    [{ limit: '50' }, { limit: 50 }],
    [{ sort: 'distance', lat: '0', lon: '0' }, { sort: 'distance' }],
    [{ query: 'x'.repeat(256) }, { query: 'x'.repeat(256) }],
    [{ query: '😀'.repeat(256) }, { query: '😀'.repeat(256) }],
    [{ query: '1 2 3 4 5 6 7 8' }, { query: '1 2 3 4 5 6 7 8' }],
    [{ query: ' . ? * + ( [ { | ^ $ \\ \' " ; -- %' }, {}],
  ])('may ask %j', (query, expected) => {
    expect(check(query)).toMatchObject(expected);
  });

  it.each([
    ['lon', { lat: '1' }],
    ['lat', { lon: '1' }],
    ['lat', { lat: '90.0001', lon: '0' }],
    ['lat', { lat: '-90.0001', lon: '0' }],
    ['lon', { lat: '0', lon: '180.0001' }],
    ['lon', { lat: '0', lon: '-180.0001' }],
    ...['NaN', 'Infinity', '-Infinity', '0x10', '0b1', '1_0', '1,5', ' 1', '1 ', '1e', '--1', '.', 'e5', '1e999', '٣', 'north', '1;2'].map((lat) => ['lat', { lat, lon: '0' }] as const),
    ['radiusKm', { radiusKm: '5' }],
    ...['0', '-1', '20038.1', 'NaN', '1e999'].map((radiusKm) => ['radiusKm', { radiusKm, lat: '0', lon: '0' }] as const),
    ['sort', { sort: 'distance' }],
    ['sort', { sort: 'random' }],
    ...['0', '51', '-1', '1.5', '1e1', '0x5', 'many', '9'.repeat(400)].map((limit) => ['limit', { limit }] as const),
    ...['1', 'TRUE', 'yes', 'null'].map((fuzzy) => ['fuzzy', { fuzzy }] as const),
    ['kind', { kind: 'odd' }],
    ['rating', { rating: 'odd' }],
    ['template', { template: 'x'.repeat(256) }],
    ['cursor', { cursor: 'x'.repeat(2001) }],
    ['query', { query: 'x'.repeat(257) }],
    ['query', { query: '1 2 3 4 5 6 7 8 9' }],
    ['query', { query: 'tea tea tea tea tea tea tea tea tea' }],
    ...['query', 'fuzzy', 'lat', 'template', 'kind', 'rating', 'limit', 'cursor'].map((name) => [name, { [name]: ['1', '2'] }] as const),
    ['colour', { colour: 'red' }],
    ['toString', { toString: 'x' }],
  ])('may not have a wrong %s: %j', (path, query) => {
    expect(pathsOf(query)).toContain(path);
  });
});

describe('a suggestion', () => {
  it.each([
    [[], {}],
    [[], { q: 'cof', limit: '20' }],
    [['limit'], { limit: '21' }],
    [['q'], { q: 'x'.repeat(257) }],
    [['q'], { q: '1 2 3 4 5 6 7 8 9' }],
    [['q'], { q: ['a', 'b'] }],
    [['query'], { query: 'a' }],
  ])('has these faults, %j: %j', (paths, query) => {
    expect(pathsOf(query, new SchemaPipe(suggestMemesQuery))).toEqual(paths);
  });
});
