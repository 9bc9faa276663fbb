import type { ApiQueryOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { MEME_KINDS, MEME_RATINGS } from '../entities/meme.js';
import { tokensOf } from '../search/text.rules.js';

const MOST_WORDS = 8;
const MOST_CHARACTERS = 256;
const MOST_MEMES = 50;
const MOST_SUGGESTIONS = 20;
/** Half of the way around the earth, rounded up: nothing is farther away. */
const FARTHEST_KM = 20_038;
/** What JavaScript takes for a number is more: hexadecimal, white space, `Infinity`. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SORTS = ['relevance', 'distance', 'trending', 'new'] as const;

type Parameter = Extract<ApiQueryOptions, { schema: unknown }>;

const text = (name: string, most: number) => {
  const error = `${name} must be a text of at most ${most} characters`;
  // By code points, as the database counts: looked at only where the quicker count says that there may be too many.
  return z.string(error).refine((value) => value.length <= most || [...value].length <= most, error);
};
const words = (name: string) => text(name, MOST_CHARACTERS).refine((value) => tokensOf(value).length <= MOST_WORDS, `${name} must have at most ${MOST_WORDS} words`);
const decimal = (name: string, wanted: string, isWanted: (value: number) => boolean) => {
  const error = `${name} must be a decimal number ${wanted}`;
  return z.string(error).regex(DECIMAL, error).transform(Number).refine(isWanted, error);
};
const whole = (name: string, most: number) => {
  const error = `${name} must be a whole number from 1 to ${most}`;
  return z.string(error).regex(/^\d{1,15}$/, error).transform(Number).refine((value) => value >= 1 && value <= most, error);
};
const oneOf = <const Values extends readonly string[]>(name: string, values: Values) => z.enum(values, `${name} must be one of ${values.join(', ')}`);

/** `GET /api/memes?…`, checked and with its defaults. */
export const searchMemesQuery = z
  .strictObject({
    query: words('query').optional(),
    fuzzy: oneOf('fuzzy', ['true', 'false']).default('false').transform((value) => value === 'true'),
    lat: decimal('lat', 'from -90 to 90', (value) => value >= -90 && value <= 90).optional(),
    lon: decimal('lon', 'from -180 to 180', (value) => value >= -180 && value <= 180).optional(),
    radiusKm: decimal('radiusKm', `above 0, at most ${FARTHEST_KM}`, (value) => value > 0 && value <= FARTHEST_KM).optional(),
    template: text('template', 255).optional(),
    kind: oneOf('kind', MEME_KINDS).optional(),
    rating: oneOf('rating', MEME_RATINGS).optional(),
    sort: oneOf('sort', SORTS).default('relevance'),
    limit: whole('limit', MOST_MEMES).default(20),
    cursor: text('cursor', 2_000).optional(),
  })
  .superRefine(({ lat, lon, radiusKm, sort }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (lat !== undefined && lon === undefined) fault('lon', 'lon is missing: lat and lon go together');
    if (lon !== undefined && lat === undefined) fault('lat', 'lat is missing: lat and lon go together');
    if (lat !== undefined || lon !== undefined) return;
    if (radiusKm !== undefined) fault('radiusKm', 'radiusKm needs a place: lat and lon');
    if (sort === 'distance') fault('sort', 'sort=distance needs a place: lat and lon');
  });

export type SearchMemesQuery = z.output<typeof searchMemesQuery>;

/** `GET /api/memes/suggest?…` */
export const suggestMemesQuery = z.strictObject({ q: words('q').default(''), limit: whole('limit', MOST_SUGGESTIONS).default(10) });

export type SuggestMemesQuery = z.output<typeof suggestMemesQuery>;

/** Describes {@link searchMemesQuery}, which does the checking. Every parameter may be left out. */
export const SEARCH_MEMES_PARAMETERS: readonly Parameter[] = [
  {
    name: 'query', schema: { type: 'string', maxLength: MOST_CHARACTERS, example: 'coffee' },
    description: `Words, at most ${MOST_WORDS}, to be found in caption, template or tags; memes with more of them come first. Case and accents do not matter, the last word may be the beginning of one. Without it: the newest, or the nearest when a place is given`,
  },
  { name: 'fuzzy', schema: { type: 'string', enum: ['true', 'false'], default: 'false', example: 'true' }, description: 'Forgive typos: one in words from 5 letters on, two from 9 on; more where nothing is found' },
  { name: 'lat', schema: { type: 'number', minimum: -90, maximum: 90 }, description: 'Degrees north of a place; only with lon' },
  { name: 'lon', schema: { type: 'number', minimum: -180, maximum: 180 }, description: 'Degrees east of a place; only with lat' },
  { name: 'radiusKm', schema: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: FARTHEST_KM }, description: 'Only memes at most so far from the place' },
  { name: 'template', schema: { type: 'string', maxLength: 255 }, description: 'Name of the template, whole; case and accents do not matter' },
  { name: 'kind', schema: { type: 'string', enum: [...MEME_KINDS] }, description: 'Only memes of this kind; by default all that you may see, generated ones first' },
  { name: 'rating', schema: { type: 'string', enum: [...MEME_RATINGS] }, description: 'Only memes of this rating' },
  { name: 'sort', schema: { type: 'string', enum: [...SORTS], default: 'relevance' }, description: '`trending`: by likes, each of which counts half after 48 hours; `distance` needs a place' },
  { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: MOST_MEMES, default: 20, example: 10 }, description: 'How many memes at most' },
  { name: 'cursor', schema: { type: 'string', maxLength: 2_000 }, description: 'nextCursor of the page before; every other parameter but limit as it was there' },
];

/** Describes {@link suggestMemesQuery}. */
export const SUGGEST_MEMES_PARAMETERS: readonly Parameter[] = [
  { name: 'q', schema: { type: 'string', maxLength: MOST_CHARACTERS, example: 'cof' }, description: `What was typed so far, at most ${MOST_WORDS} words; without any, the templates used most` },
  { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: MOST_SUGGESTIONS, default: 10, example: 5 }, description: 'How many suggestions at most' },
];
