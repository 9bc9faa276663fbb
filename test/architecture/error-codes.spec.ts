import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { declaredErrors, type ErrorDefinition } from '../../src/platform/errors/domain-error.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Names under which a code may be spoken of in a test: its text, or the definition's identifier. */
const namesOf = new Map<string, string[]>();
let tests: string;

async function filesIn(folder: string, ending: RegExp): Promise<string[]> {
  const found = await readdir(path.join(ROOT, folder), { recursive: true });
  return found.filter((file) => ending.test(file)).map((file) => path.join(ROOT, folder, file));
}

beforeAll(async () => {
  for (const file of await filesIn('src', /\.errors\.ts$/)) {
    const definitions = (await import(file)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(definitions)) if (isDefinition(value)) namesOf.set(value.code, [...(namesOf.get(value.code) ?? []), name]);
  }
  const files = [...(await filesIn('test', /\.(e2e-)?spec\.ts$/)), ...(await filesIn('src', /\.spec\.ts$/))].filter((file) => !file.includes('architecture'));
  tests = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
});

function isDefinition(value: unknown): value is ErrorDefinition {
  return typeof value === 'function' && typeof (value as Partial<ErrorDefinition>).code === 'string' && 'kind' in value;
}

/** True when a test expects this error: by its code in quotes, or by its definition. */
function isExpectedBy(source: string, code: string, names: readonly string[]): boolean {
  const quoted = new RegExp(`['"\`]${code.replaceAll('.', '\\.')}['"\`]`);
  return quoted.test(source) || names.some((name) => new RegExp(`\\b${name}\\.(code|matches|kind)\\b`).test(source));
}

describe('error codes', () => {
  it('are declared in the errors file of a feature, once, and exported', () => {
    expect(declaredErrors().length).toBeGreaterThan(20);
    expect(declaredErrors().map(({ code }) => code).sort()).toEqual([...namesOf.keys()].sort());
    expect([...namesOf].filter(([, names]) => names.length > 1)).toEqual([]);
  });

  it('read as <feature>.<what>, in kebab-case', () => {
    expect(declaredErrors().map(({ code }) => code).filter((code) => code !== 'not-found' && code !== 'timeout' && !/^[a-z]+\d*(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
  });

  it('come with a sentence for people', () => {
    expect(declaredErrors().filter(({ message }) => !/^[A-Z].{8,}[.!…]$/.test(message)).map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
  });

  it('are each expected by a test', () => {
    expect([...namesOf].filter(([code, names]) => !isExpectedBy(tests, code, names)).map(([code]) => code)).toEqual([]);
  });

  it('are each in the OpenAPI document', async () => {
    const document = await readFile(path.join(ROOT, 'openapi.json'), 'utf8');
    expect(declaredErrors().filter(({ code }) => !document.includes(`\`${code}\``)).map(({ code }) => code)).toEqual([]);
  });
});

describe('the search in the tests', () => {
  it.each([
    ["expect(body.code).toBe('seat.taken')", true],
    ['toMatchObject({ code: seatTaken.code })', true],
    ['expect(seatTaken.matches(error)).toBe(true)', true],
    ["import { seatTaken } from './parking.errors.js'", false],
    ["'seat.taken-by-other'", false],
    ["'seat-taken'", false],
  ])('reads %s', (source, expected) => {
    expect(isExpectedBy(source, 'seat.taken', ['seatTaken'])).toBe(expected);
  });
});
