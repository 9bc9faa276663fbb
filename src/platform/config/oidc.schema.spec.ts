import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig } from './config.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'plaza-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = 'a secret of more than thirty-two bytes';
const RETURN = { OIDC_RETURN_URLS: 'https://app.example/in' };
const GOOGLE = { name: 'google', issuer: 'https://accounts.google.com', clientId: 'plaza', clientSecret: 'hunter2' };
const providers = (...changes: object[]) => JSON.stringify(changes.map((change) => ({ ...GOOGLE, ...change })));
const load = (environment: NodeJS.ProcessEnv) => loadConfig({ DATA_DIR: folder, APP_SECRET: SECRET, ...environment });
const production = (environment: NodeJS.ProcessEnv) => load({ NODE_ENV: 'production', PAYMENTS: 'sandbox', ALLOW_SANDBOX_PAYMENTS: 'true', PUBLIC_URL: 'https://plaza.example', ...RETURN, ...environment });

function faultsOf(loaded: () => unknown): readonly string[] {
  try {
    loaded();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

/** Of each fault, the variable that is to blame. */
const blamed = (loaded: () => unknown) => faultsOf(loaded).map((fault) => /^[A-Z_]+/.exec(fault)![0]);

describe('sign-in elsewhere', () => {
  it('is off by default, and Plaza is reached on this machine', () => {
    expect(load({ PORT: '4000' })).toMatchObject({ OIDC_PROVIDERS: [], OIDC_RETURN_URLS: [], PUBLIC_URL: 'http://127.0.0.1:4000' });
  });

  it('reads any number of providers, from a file too', () => {
    const text = providers({}, { name: 'house-2', issuer: 'http://127.0.0.1:9000/realm', scope: 'openid email' });
    const expected = [{ ...GOOGLE, scope: 'openid email profile' }, { ...GOOGLE, name: 'house-2', issuer: 'http://127.0.0.1:9000/realm', scope: 'openid email' }];
    expect(load({ OIDC_PROVIDERS: text, ...RETURN }).OIDC_PROVIDERS).toEqual(expected);
    const file = path.join(folder, 'providers.json');
    writeFileSync(file, `${text}\n`);
    expect(load({ OIDC_PROVIDERS_FILE: file, ...RETURN }).OIDC_PROVIDERS).toEqual(expected);
  });

  it.each([
    'hunter2', '{"clientSecret":"hunter2"', '{}', '"hunter2"', '[null]', '[{}]',
    ...[
      { name: 'Google' }, { name: '2fa' }, { name: '' }, { name: 'a/b' }, { name: 'x'.repeat(33) }, { issuer: 'accounts.google.com' }, { issuer: 'http://hunter2.example' },
      { issuer: 'https://hunter2@accounts.google.com' }, { issuer: 'https://x.example?hunter2' }, { issuer: 'ftp://x.example' }, { clientId: '' }, { clientId: 7 }, { clientSecret: '' },
      { clientSecret: undefined }, { scope: 'email' }, { scope: 'openidx' }, { clientSecrt: 'x' },
    ].map((change) => providers(change)),
    providers({}, {}),
  ])('refuses %s, and shows no value', (text) => {
    const faults = faultsOf(() => load({ OIDC_PROVIDERS: text, ...RETURN }));
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatch(/^OIDC_PROVIDERS\b/);
    expect(faults.join()).not.toMatch(/hunter2/);
  });

  it('needs an address to come back to', () => {
    expect(blamed(() => load({ OIDC_PROVIDERS: providers({}) }))).toEqual(['OIDC_RETURN_URLS']);
  });

  it('comes back to pages and to apps with a scheme of their own', () => {
    const urls = ['https://a.example/in?x=1', 'http://192.168.0.7:8080/', 'com.example.plaza:/in'];
    expect(load({ OIDC_RETURN_URLS: urls.join(' , ') }).OIDC_RETURN_URLS).toEqual(urls);
  });

  it.each(['app.example/in', '/in', 'javascript:alert(1)', 'data:text/html;x', 'plaza:/in', 'https://a.example/#in', 'https://u:hunter2@a.example/'])('never comes back to %s', (url) => {
    expect(blamed(() => load({ OIDC_RETURN_URLS: `https://a.example/,${url}` }))).toEqual(['OIDC_RETURN_URLS']);
  });
});

describe('PUBLIC_URL', () => {
  it('may have a path, and ends without a slash', () => {
    expect(load({ PUBLIC_URL: 'https://example.org/plaza//' }).PUBLIC_URL).toBe('https://example.org/plaza');
  });

  it.each(['plaza.example', 'ftp://plaza.example', 'https://plaza.example/?x', 'https://plaza.example/#x', 'https://u:hunter2@plaza.example'])('is not %s', (PUBLIC_URL) => {
    expect(blamed(() => load({ PUBLIC_URL }))).toEqual(['PUBLIC_URL']);
    expect(faultsOf(() => load({ PUBLIC_URL })).join()).not.toMatch(/hunter2/);
  });
});

describe('in production, sign-in elsewhere', () => {
  it('wants https everywhere', () => {
    expect(blamed(() => production({ OIDC_PROVIDERS: providers({}) }))).toEqual([]);
    expect(blamed(() => production({ OIDC_PROVIDERS: providers({}), PUBLIC_URL: 'http://plaza.example' }))).toEqual(['PUBLIC_URL']);
    expect(blamed(() => production({ OIDC_PROVIDERS: providers({}), PUBLIC_URL: '' }))).toEqual(['PUBLIC_URL']);
    expect(blamed(() => production({ OIDC_PROVIDERS: providers({ issuer: 'http://127.0.0.1:9000' }) }))).toEqual(['OIDC_PROVIDERS']);
    expect(blamed(() => production({ OIDC_PROVIDERS: providers({}), OIDC_RETURN_URLS: 'https://a.example/in, http://app.example/in' }))).toEqual(['OIDC_RETURN_URLS']);
    expect(blamed(() => production({ OIDC_PROVIDERS: providers({}), OIDC_RETURN_URLS: 'http://127.0.0.1:5000/in, com.example.app:/in' }))).toEqual([]);
    expect(blamed(() => production({}))).toEqual([]);
  });
});
