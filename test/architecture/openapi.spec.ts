import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { AppModule } from '../../src/app.module.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { expectGenerated } from './generated-file.js';
import { handlersOf } from './handlers.js';

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  responses: Record<string, { description?: string; content?: Record<string, { schema?: unknown; example?: unknown }>; headers?: unknown }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

/** Handlers that the document leaves out, and why. */
const UNDOCUMENTED: Record<string, string> = {
  'GET /metrics': 'for Prometheus: plain text, from this host or with a token of its own',
};

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options']);

/** What is wrong with one operation of a document. */
function faultsOf(route: string, operation: Operation): string[] {
  const answers = Object.entries(operation.responses);
  const good = answers.filter(([status]) => /^[23]/.test(status));
  const shown = good.filter(([status, { content }]) => ['204', '302', '304'].includes(status) || Object.values(content ?? {}).some(({ schema }) => schema !== undefined));
  return [
    ...(operation.summary === undefined || operation.summary === '' ? ['no summary'] : []),
    ...(operation.operationId === undefined || !/^[a-z][A-Za-z0-9]+$/.test(operation.operationId) ? ['no operationId of its own'] : []),
    ...(operation.tags?.length ? [] : ['no tag']),
    ...(good.length === 0 ? ['no successful answer'] : shown.length === 0 ? ['a successful answer without a schema'] : []),
    ...(answers.some(([status]) => /^[45]/.test(status)) ? [] : ['no errors']),
  ].map((fault) => `${route}: ${fault}`);
}

let app: TestApp;
let document: Document;
beforeAll(async () => {
  app = await createTestApp();
  ({ body: document } = await app.http.get('/api/openapi.json').expect(200));
});
afterAll(() => app.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([method]) => METHODS.has(method)).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
  );

describe('the OpenAPI document', () => {
  it('is the one that is committed', async () => {
    await expectGenerated('openapi.json', `${JSON.stringify(document, null, 2)}\n`);
  });

  it('has every route, and no other', async () => {
    const served = (await handlersOf(AppModule))
      .filter(({ kind }) => kind === 'http')
      .flatMap(({ method, paths, undocumented }) => paths.map((path) => ({ method, path, undocumented })));
    const router = app.app.getHttpAdapter().getInstance();
    const urlOf = (method: string, path: string) => {
      const url = [`/api${path === '/' ? '' : path}`, path].find((candidate) => router.hasRoute({ method: method, url: candidate }));
      if (url === undefined) throw new Error(`${method} ${path} is declared but not served`);
      return `${method} ${url}`;
    };
    const documented = served.filter((route) => !route.undocumented).map(({ method, path }) => urlOf(method, path).replace(/:(\w+)/g, '{$1}'));
    expect(operations().map(({ route }) => route).sort()).toEqual(documented.sort());
    expect(served.filter((route) => route.undocumented).map(({ method, path }) => urlOf(method, path)).sort()).toEqual(Object.keys(UNDOCUMENTED).sort());
  });

  it('says of every operation what it does, answers and refuses', () => {
    expect(operations().flatMap(({ route, operation }) => faultsOf(route, operation))).toEqual([]);
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it('has a shape of its own for each dto: of two with one name, one would be shown for both', async () => {
    const root = path.resolve(import.meta.dirname, '../../src');
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const sources = await Promise.all(files.map((file) => readFile(path.join(root, file), 'utf8')));
    const names = sources.flatMap((source) => [...source.matchAll(/^(?:export )?(?:abstract )?class (\w+Dto)\b/gm)].map(([, name]) => name!));
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('notices an operation that says too little', () => {
    const sound: Operation = {
      operationId: 'getSeat', summary: 'Get one seat', tags: ['parking'],
      responses: { 200: { content: { 'application/json': { schema: {} } } }, 404: { description: 'not there' } },
    };
    expect(faultsOf('GET /seat', sound)).toEqual([]);
    expect(faultsOf('GET /seat', { operationId: 'SeatController_get', responses: { 200: {} } })).toEqual([
      'GET /seat: no summary', 'GET /seat: no operationId of its own', 'GET /seat: no tag', 'GET /seat: a successful answer without a schema', 'GET /seat: no errors',
    ]);
  });

  it('is sound in the eyes of an independent linter', async () => {
    expect(await lint(document)).toEqual([]);
    const broken = structuredClone(document);
    delete (Object.values(broken.paths['/api/memes']!)[0] as Partial<Operation>).responses;
    expect(await lint(broken)).not.toEqual([]);
  });
});

async function lint(whole: object): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended'],
    rules: {
      // A self-hosted server has no address of its own: the document names the one that serves it.
      'no-server-example.com': 'off',
      // The download answers 302 with a signed link; the test above wants a 2xx or 3xx of every operation.
      'operation-2xx-response': 'off',
      // /files/tus/{id} and /files/{id}/content: no id of ours is the word tus, and the router takes the word first.
      'no-ambiguous-paths': 'off',
    },
  });
  const problems = await lintFromString({ source: JSON.stringify(whole), absoluteRef: 'openapi.json', config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer ?? ''}`);
}
