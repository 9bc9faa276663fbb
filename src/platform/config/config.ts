import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { conditionFaults, configSchema, SECRET_BYTES, SECRETS } from './config.schema.js';

type Settings = z.output<typeof configSchema> & { APP_SECRET: string; DEMO: boolean; LOG_LEVEL: string; PAYMENTS: 'sandbox' | 'stripe'; PUBLIC_URL: string };

/** The validated configuration, as one injectable object. Made by {@link loadConfig}, frozen. */
/* eslint-disable @typescript-eslint/no-unsafe-declaration-merging -- a class for the injector, an interface for the types */
export abstract class Config {}
export interface Config extends Readonly<Settings> {}
/* eslint-enable @typescript-eslint/no-unsafe-declaration-merging */

/** Thrown at boot: all faults of the configuration at once, by variable name and never by value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(`Plaza cannot start, the configuration is wrong:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/**
 * Reads, validates and completes the configuration.
 *
 * @param environment an empty string counts as not set
 * @throws ConfigError with every fault found
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const faults: string[] = [];
  const given = withSecretFiles(environment, faults);
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  faults.push(...conditionFaults(given));
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  const settings = parsed.data;
  const production = settings.NODE_ENV === 'production';
  return Object.freeze({
    ...settings,
    DATA_DIR: path.resolve(settings.DATA_DIR),
    APP_SECRET: settings.APP_SECRET ?? developmentSecret(path.resolve(settings.DATA_DIR)),
    PUBLIC_URL: settings.PUBLIC_URL ?? `http://127.0.0.1:${settings.PORT}`,
    DEMO: settings.DEMO ?? settings.NODE_ENV === 'development',
    PAYMENTS: settings.PAYMENTS ?? 'sandbox',
    LOG_LEVEL: settings.LOG_LEVEL ?? (production ? 'info' : 'warn'),
  });
}

function withSecretFiles(environment: NodeJS.ProcessEnv, faults: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && value !== '') given[name] = value;
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) {
      faults.push(`${name}: is given twice, also as ${name}_FILE`);
      continue;
    }
    try {
      given[name] = readFileSync(file, 'utf8').trimEnd();
    } catch {
      faults.push(`${name}_FILE: the file cannot be read`);
    }
  }
  return given;
}

/**
 * Made once and kept in the data folder, so that sessions survive a restart in development.
 *
 * @throws ConfigError when the folder cannot be used or the file holds no secret
 */
function developmentSecret(dataDir: string): string {
  const file = path.join(dataDir, 'app-secret');
  try {
    mkdirSync(dataDir, { recursive: true });
    const secret = textOf(file) ?? makeSecret(file);
    if (Buffer.byteLength(secret) >= SECRET_BYTES) return secret;
  } catch (error) {
    throw new ConfigError([`DATA_DIR: the folder cannot be used (${(error as NodeJS.ErrnoException).code})`]);
  }
  throw new ConfigError(['DATA_DIR: its file app-secret is damaged; remove it, and everybody signs in again']);
}

function makeSecret(file: string): string {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // Appears whole or not at all, and of two processes that start together the first wins.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return textOf(file) ?? '';
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
