import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { Module, type Type } from '@nestjs/common';
import supertest from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { AppModule } from '../../src/app.module.js';
import { configureApp } from '../../src/app.setup.js';
import { MembersService } from '../../src/features/members/index.js';
import type { Role } from '../../src/platform/auth/permissions.js';
import { Config, loadConfig } from '../../src/platform/config/config.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { httpAdapter } from '../../src/platform/http/adapter.js';
import { createLogger, NestLogger } from '../../src/platform/observability/logging.js';
import { CreditsService } from '../../src/features/credits/index.js';
import { openTestDatabase, testDatabaseUrl } from './database.js';

export const PASSWORD = 'correct horse battery';

export interface GivenMember {
  id: string;
  email: string;
  password: string;
  accessToken: string;
  refreshToken: string;
  auth: { Authorization: string };
}

export interface TestApp {
  app: NestFastifyApplication;
  http: TestAgent;
  /** Where the application listens, for sockets and raw requests. */
  url: string;
  /** Its APP_SECRET: an application made with the same takes the same tokens. */
  secret: string;
  given: {
    /** A member who has signed up over HTTP; `credits` is what they end up with, 5 by default. */
    member(options?: { credits?: number; role?: Role; displayName?: string }): Promise<GivenMember>;
  };
  close(): Promise<void>;
}

/** Spec files of one worker share its database: the first application of a file finds it empty, whatever ran before. */
let emptied: Promise<void> | undefined;

async function emptyDatabase(): Promise<void> {
  const database = await openTestDatabase();
  await database.truncate();
  await database.close();
}

/**
 * The whole application on this worker's database, guards on, listening on a free port.
 *
 * @param environment overrides of the configuration
 * @param extra modules with controllers or gateways that only a test needs
 * @param override puts other providers in the place of some
 */
export async function createTestApp(environment: NodeJS.ProcessEnv = {}, extra: Type[] = [], override = (builder: TestingModuleBuilder) => builder): Promise<TestApp> {
  await (emptied ??= emptyDatabase());
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-test-'));
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: testDatabaseUrl(),
    DATA_DIR: dataDir,
    PORT: '0',
    DEMO: 'false',
    LOG_LEVEL: 'silent',
    RATE_LIMIT_SCALE: '1000',
    ...environment,
  });

  @Module({ imports: [AppModule, ...extra] })
  class TestModule {}

  const logger = new NestLogger(createLogger(config.LOG_LEVEL));
  const testing = await override(Test.createTestingModule({ imports: [TestModule] }).setLogger(logger).overrideProvider(Config).useValue(config)).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(httpAdapter(config), { bodyParser: false, logger });
  await configureApp(app);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const http = supertest.agent(url);

  return {
    app,
    http,
    url,
    secret: config.APP_SECRET,
    given: {
      async member({ credits, role = 'member', displayName = 'Somebody' } = {}) {
        const email = `${newId()}@example.org`;
        if (role === 'member') {
          const { body } = await http.post('/api/members').send({ email, password: PASSWORD, displayName }).expect(201);
          await setCredits(app, body.member.id, credits);
          return memberOf(email, body);
        }
        const members = app.get(MembersService);
        const passwordHash = await members.hashNew(PASSWORD);
        const id = await app.get(Transactions).run((tx) => members.create(tx, { email, displayName, passwordHash, role }));
        await setCredits(app, id, credits);
        const { body } = await http.post('/api/sessions').send({ email, password: PASSWORD }).expect(201);
        return memberOf(email, body);
      },
    },
    async close() {
      await app.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

interface SignedInBody {
  member: { id: string };
  accessToken: string;
  refreshToken: string;
}

function memberOf(email: string, { member, accessToken, refreshToken }: SignedInBody): GivenMember {
  return { id: member.id, email, password: PASSWORD, accessToken, refreshToken, auth: { Authorization: `Bearer ${accessToken}` } };
}

async function setCredits(app: NestFastifyApplication, memberId: string, credits: number | undefined): Promise<void> {
  if (credits === undefined) return;
  const service = app.get(CreditsService);
  const { posted } = await service.balance({ kind: 'member', id: memberId });
  if (credits === posted) return;
  await app.get(Transactions).run((tx) => service.adjust(tx, memberId, { amount: credits - posted, reason: 'given by a test', actorId: memberId }));
}
