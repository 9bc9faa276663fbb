import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig } from './config.js';
import { faultPoints } from './fault-point.js';

faultPoints('spec.known', 'spec.other');

let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'plaza-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newFolder = () => path.join(folder, String((made += 1)));
const fileWith = (text: string) => {
  const file = newFolder();
  writeFileSync(file, text);
  return file;
};
const SECRET = 'a secret of more than thirty-two bytes';
const load = (environment: NodeJS.ProcessEnv) => loadConfig({ DATA_DIR: newFolder(), ...environment });
const production = (environment: NodeJS.ProcessEnv = {}) => load({ NODE_ENV: 'production', APP_SECRET: SECRET, PAYMENTS: 'sandbox', ALLOW_SANDBOX_PAYMENTS: 'true', ...environment });

function faultsOf(environment: NodeJS.ProcessEnv, loaded = load): string[] {
  try {
    loaded(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.slice(0, fault.indexOf(':'))).sort();
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for everything in development', () => {
    const config = loadConfig({ DATA_DIR: newFolder() });
    expect(config).toMatchObject({
      NODE_ENV: 'development', PORT: 3000, HOST: '127.0.0.1', COMMUNITY_TIMEZONE: 'UTC', DEMO: true, LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: 1,
      CREDITS_AT_SIGNUP: 5, CREDITS_PER_DAY: 1, CALLS_PER_CREDIT: 100, CALLS_AT_TOKEN: 0, CORS_ORIGINS: [], TRUST_PROXY: false,
      PAYMENTS: 'sandbox', ALLOW_SANDBOX_PAYMENTS: false, CREDIT_VALUE_MINOR: 100,
    });
    expect(Object.isFrozen(config)).toBe(true);
    expect(path.isAbsolute(config.DATA_DIR)).toBe(true);
  });

  it('runs the demo in development alone', () => {
    expect(load({}).DEMO).toBe(true);
    expect(load({ NODE_ENV: 'test' }).DEMO).toBe(false);
    expect(production().DEMO).toBe(false);
    expect(load({ DEMO: 'false' }).DEMO).toBe(false);
    expect(load({ NODE_ENV: 'test', DEMO: 'true' }).DEMO).toBe(true);
  });

  it('takes an empty value for none', () => {
    const { PORT, DATABASE_URL, ADMIN_EMAIL } = load({ PORT: '', DATABASE_URL: '', ADMIN_EMAIL: '' });
    expect([PORT, DATABASE_URL, ADMIN_EMAIL]).toEqual([3000, undefined, undefined]);
  });

  it('reads lists, flags and times', () => {
    const config = load({ CORS_ORIGINS: ' https://a.example , ,https://b.example', TRUST_PROXY: 'true', PLAZA_TEST_CLOCK: '2026-03-01T00:00:00+05:45' });
    expect(config.CORS_ORIGINS).toEqual(['https://a.example', 'https://b.example']);
    expect(config.TRUST_PROXY).toBe(true);
    expect(config.PLAZA_TEST_CLOCK).toEqual(new Date('2026-02-28T18:15:00Z'));
  });

  it('lists every fault, those of one variable and those of several, by name', () => {
    expect(
      faultsOf({
        NODE_ENV: 'production', PORT: '65536', DATABASE_URL: 'postgres://hunter2@db/plaza', APP_SECRET_PREVIOUS: 'hunter2', COMMUNITY_TIMEZONE: 'Mars/Olympus',
        ADMIN_EMAIL: 'hunter2', DEMO: 'true', PLAZA_FAULT: 'hunter2', PLAZA_TEST_CLOCK: 'hunter2', RATE_LIMIT_SCALE: '0', METRICS_TOKEN: 'hunter2', LOG_LEVEL: 'hunter2',
      }),
    ).toEqual([
      'ADMIN_EMAIL', 'ADMIN_PASSWORD', 'APP_SECRET', 'APP_SECRET_PREVIOUS', 'COMMUNITY_TIMEZONE', 'DATABASE_URL', 'DEMO', 'LOG_LEVEL', 'METRICS_TOKEN', 'PAYMENTS',
      'PLAZA_FAULT', 'PLAZA_FAULT', 'PLAZA_TEST_CLOCK', 'PLAZA_TEST_CLOCK', 'PORT', 'RATE_LIMIT_SCALE',
    ]);
  });

  it('never shows a value in a fault', () => {
    for (const name of ['NODE_ENV', 'PORT', 'DATABASE_URL', 'APP_SECRET', 'COMMUNITY_TIMEZONE', 'TRUST_PROXY', 'ADMIN_EMAIL', 'RATE_LIMIT_SCALE', 'LOG_LEVEL', 'PLAZA_TEST_CLOCK', 'METRICS_TOKEN', 'APP_SECRET_FILE']) {
      const broken = () => load({ [name]: 'hunter2' });
      expect(broken).toThrow(ConfigError);
      expect(broken).toThrow(new RegExp(name));
      expect(broken).not.toThrow(/hunter2/);
    }
  });

  it.each([
    ['PORT', '-1'], ['PORT', '80.5'], ['PORT', 'http'], ['DATABASE_POOL_SIZE', '1'], ['RATE_LIMIT_SCALE', '-1'], ['RATE_LIMIT_SCALE', 'Infinity'], ['TRUST_PROXY', 'yes'],
    ['COMMUNITY_TIMEZONE', 'CEST'], ['COMMUNITY_NAME', 'x'.repeat(81)], ['DATABASE_URL', 'mysql://host'], ['PLAZA_TEST_CLOCK', '2026-03-01T00:00:00'], ['APP_SECRET', 'x'.repeat(31)],
    ['COMMUNITY_NAME', 'Plaza\r\nBcc: eve@example.org'], ['WEB_URL', 'ftp://example.org'], ['SMTP_URL', 'http://example.org'], ['SMTP_URL', 'smtp://'], ['SMTP_URL', 'mail.example.org:25'],
    ['PAYMENTS', 'cash'], ['ALLOW_SANDBOX_PAYMENTS', 'yes'], ['STRIPE_SECRET_KEY', 'sk 1'], ['STRIPE_WEBHOOK_SECRET', 'whsec\n'], ['STRIPE_API_URL', 'stripe.example'], ['STRIPE_API_URL', 'https://stripe.example/v1'],
    ['CREDIT_VALUE_MINOR', '0'], ['CREDIT_VALUE_MINOR', '1.5'], ['CREDIT_VALUE_MINOR', '1000001'],
    ['MAIL_FROM', 'Plaza'], ['MAIL_FROM', 'Plaza, Inc <plaza@example.org>'], ['MAIL_FROM', 'a@example.org, b@example.org'], ['MAIL_FROM', 'Plaza\r\nBcc: eve@example.org <plaza@example.org>'],
  ])('refuses %s=%s', (name, value) => expect(faultsOf({ [name]: value })).toEqual([name]));

  it.each(['spec.knwon', 'spec.known@0', 'spec.known@', '@1', 'spec.known@1@2'])('refuses to arm nothing with PLAZA_FAULT=%s, and says what there is', (fault) => {
    expect(faultsOf({ PLAZA_FAULT: fault })).toEqual(['PLAZA_FAULT']);
    expect(() => load({ PLAZA_FAULT: fault })).toThrow(/<point>@<n>, of spec\.known, spec\.other/);
  });

  it('takes a fault point that a module declared, and which time it is meant', () => {
    for (const fault of ['spec.known', 'spec.other@12']) expect(load({ PLAZA_FAULT: fault }).PLAZA_FAULT).toBe(fault);
  });

  it.each(['plaza@example.org', 'Plaza <plaza@example.org>', '"Plaza, Inc." <plaza@example.org>', 'Café am Platz <plaza@localhost>'])('takes MAIL_FROM=%s', (value) => {
    expect(load({ MAIL_FROM: value }).MAIL_FROM).toBe(value);
  });

  it.each(['smtp://127.0.0.1:2525', 'smtps://ada:hunter2@mail.example.org', 'smtp://mail.example.org:587?requireTLS=true'])('takes SMTP_URL=%s', (value) => {
    expect(load({ SMTP_URL: value }).SMTP_URL).toBe(value);
  });

  it('wants the two admin variables together', () => {
    expect(faultsOf({ ADMIN_EMAIL: 'a@example.org' })).toEqual(['ADMIN_PASSWORD']);
    expect(faultsOf({ ADMIN_PASSWORD: 'a quiet corner desk' })).toEqual(['ADMIN_EMAIL']);
    expect(faultsOf({ ADMIN_EMAIL: 'a@example.org', ADMIN_PASSWORD: 'a quiet corner desk' })).toEqual([]);
  });

  it('wants a model with an endpoint of captions, and an endpoint with a model or a key, on any address', () => {
    const AI_BASE_URL = 'http://127.0.0.1:11434/v1/';
    expect(faultsOf({ AI_BASE_URL })).toEqual(['AI_MODEL']);
    expect(faultsOf({ AI_MODEL: 'owl-7b' })).toEqual(['AI_BASE_URL']);
    expect(faultsOf({ AI_API_KEY: 'sk-1' })).toEqual(['AI_BASE_URL']);
    expect(faultsOf({ AI_BASE_URL, AI_MODEL: 'owl-7b', AI_API_KEY: 'sk 1\r\nX-Token: 2' })).toEqual(['AI_API_KEY']);
    expect(faultsOf({ AI_BASE_URL: 'file:///v1', AI_MODEL: 'owl\n7b' })).toEqual(['AI_BASE_URL', 'AI_MODEL']);
    expect(load({ AI_BASE_URL, AI_MODEL: 'owl-7b' })).toMatchObject({ AI_BASE_URL: 'http://127.0.0.1:11434/v1', AI_MODEL: 'owl-7b' });
    expect(load({ AI_BASE_URL, AI_MODEL: 'owl-7b', AI_API_KEY_FILE: fileWith('sk-1\n') }).AI_API_KEY).toBe('sk-1');
  });

  it('wants both secrets of Stripe with it, given or by file, in development as well', () => {
    const [STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET] = ['sk_test_1', 'whsec_1'];
    expect(faultsOf({ PAYMENTS: 'stripe' })).toEqual(['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']);
    expect(faultsOf({ PAYMENTS: 'stripe', STRIPE_SECRET_KEY })).toEqual(['STRIPE_WEBHOOK_SECRET']);
    expect(faultsOf({ PAYMENTS: 'stripe', STRIPE_WEBHOOK_SECRET })).toEqual(['STRIPE_SECRET_KEY']);
    expect(load({ PAYMENTS: 'stripe', STRIPE_SECRET_KEY_FILE: fileWith('sk_test_1\n'), STRIPE_WEBHOOK_SECRET_FILE: fileWith('whsec_1\n'), STRIPE_API_URL: 'http://127.0.0.1:12111' })).toMatchObject({
      PAYMENTS: 'stripe', STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_URL: 'http://127.0.0.1:12111',
    });
  });

  it('wants the secret of TURN servers, and none for STUN', () => {
    expect(faultsOf({ TURN_URLS: 'stun:stun.example.org:3478' })).toEqual([]);
    for (const TURN_URLS of ['turn:turn.example.org', 'stun:stun.example.org, TURNS:turn.example.org:5349?transport=tcp']) {
      expect(faultsOf({ TURN_URLS })).toEqual(['TURN_SECRET']);
      expect(faultsOf({ TURN_URLS, TURN_SECRET: 'a secret of coturn' })).toEqual([]);
      expect(faultsOf({ TURN_URLS, TURN_SECRET_FILE: fileWith('a secret of coturn') })).toEqual([]);
    }
    expect(faultsOf({ TURN_URLS: 'stun:stun.example.org,https://turn.example.org' })).toEqual(['TURN_URLS.1']);
  });
});

describe('in production', () => {
  it('needs a secret', () => {
    expect(faultsOf({ APP_SECRET: '' }, production)).toEqual(['APP_SECRET']);
    expect(production().APP_SECRET).toBe(SECRET);
  });

  it.each([['DEMO', 'true'], ['PLAZA_TEST_CLOCK', '2026-03-01T00:00:00Z'], ['PLAZA_FAULT', 'spec.known']])('refuses %s', (name, value) => {
    expect(faultsOf({ [name]: value }, production)).toEqual([name]);
    expect(faultsOf({ [name]: value })).toEqual([]);
  });

  const NO_PAYMENTS = { PAYMENTS: '', ALLOW_SANDBOX_PAYMENTS: '' };
  it.each<[string, string[], NodeJS.ProcessEnv]>([
    ['nobody who takes them', ['PAYMENTS'], {}],
    ['nobody, though the sandbox would be allowed', ['PAYMENTS'], { ALLOW_SANDBOX_PAYMENTS: 'true' }],
    ['the sandbox', ['ALLOW_SANDBOX_PAYMENTS'], { PAYMENTS: 'sandbox' }],
    ['the sandbox that is not allowed', ['ALLOW_SANDBOX_PAYMENTS'], { PAYMENTS: 'sandbox', ALLOW_SANDBOX_PAYMENTS: 'false' }],
    ['the sandbox that is allowed', [], { PAYMENTS: 'sandbox', ALLOW_SANDBOX_PAYMENTS: 'true' }],
    ['Stripe', [], { PAYMENTS: 'stripe', STRIPE_SECRET_KEY: 'sk_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }],
  ])('of payments with %s the faults are %j', (_, faults, environment) => {
    expect(faultsOf({ ...NO_PAYMENTS, ...environment }, production)).toEqual(faults);
  });

  it('writes no secret of its own', () => {
    const dataDir = newFolder();
    mkdirSync(dataDir);
    production({ DATA_DIR: dataDir });
    expect(readdirSync(dataDir)).toEqual([]);
  });
});

describe('<NAME>_FILE', () => {
  it('gives a secret by file, without the line end', () => {
    expect(production({ APP_SECRET: '', APP_SECRET_FILE: fileWith(`${SECRET}\n`) }).APP_SECRET).toBe(SECRET);
    expect(load({ DATABASE_URL_FILE: fileWith('mysql://u:p@h/d\r\n') }).DATABASE_URL).toBe('mysql://u:p@h/d');
  });

  it('is a fault when the file is not there, is empty, or the value is given twice', () => {
    expect(faultsOf({ APP_SECRET: '', APP_SECRET_FILE: '/nowhere/secret' }, production)).toEqual(['APP_SECRET_FILE']);
    expect(faultsOf({ METRICS_TOKEN_FILE: fileWith('') })).toEqual(['METRICS_TOKEN']);
    expect(faultsOf({ APP_SECRET_FILE: fileWith(SECRET) }, production)).toEqual(['APP_SECRET']);
  });
});

describe('the development secret', () => {
  it('is made once, for the owner\'s eyes, and kept', () => {
    const dataDir = newFolder();
    const first = loadConfig({ DATA_DIR: dataDir }).APP_SECRET;
    expect(Buffer.from(first, 'base64url')).toHaveLength(48);
    expect(statSync(path.join(dataDir, 'app-secret')).mode & 0o777).toBe(0o600);
    expect(loadConfig({ DATA_DIR: dataDir }).APP_SECRET).toBe(first);
    expect(readdirSync(dataDir)).toEqual(['app-secret']);
    expect(loadConfig({ DATA_DIR: newFolder() }).APP_SECRET).not.toBe(first);
  });

  it('gives way to APP_SECRET', () => {
    const dataDir = newFolder();
    expect(loadConfig({ DATA_DIR: dataDir, APP_SECRET: SECRET }).APP_SECRET).toBe(SECRET);
    expect(() => readFileSync(path.join(dataDir, 'app-secret'))).toThrow(/ENOENT/);
  });

  it('is never an empty one: a damaged file is a fault', () => {
    for (const text of ['', '\n', 'short']) {
      const dataDir = newFolder();
      mkdirSync(dataDir);
      writeFileSync(path.join(dataDir, 'app-secret'), text);
      expect(faultsOf({ DATA_DIR: dataDir })).toEqual(['DATA_DIR']);
    }
  });

  it('has its folder named when that cannot be used', () => {
    expect(faultsOf({ DATA_DIR: path.join(fileWith('a file'), 'below') })).toEqual(['DATA_DIR']);
  });
});
