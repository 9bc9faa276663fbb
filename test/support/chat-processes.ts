import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import supertest from 'supertest';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { type GivenMember, PASSWORD } from './app.js';
import { givenConversation } from './chat.js';
import { openTestDatabase, type TestDatabase } from './database.js';
import { startProcess, type PlazaProcess } from './process.js';

const APP_SECRET = 'chat-processes-0123456789-0123456789';

/** Built processes on one database, for tests that end them. */
export class ChatProcesses {
  private running: PlazaProcess[] = [];

  private constructor(
    readonly db: TestDatabase,
    private readonly dataDir: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async create(environment: NodeJS.ProcessEnv = {}): Promise<ChatProcesses> {
    const db = await openTestDatabase();
    await db.truncate();
    return new ChatProcesses(db, await mkdtemp(path.join(os.tmpdir(), 'plaza-chat-')), environment);
  }

  async start(environment: NodeJS.ProcessEnv = {}): Promise<PlazaProcess> {
    const started = await startProcess({ DATABASE_URL: this.db.url, DATA_DIR: this.dataDir, APP_SECRET, UPLOAD_WORKERS: '0', EXPORT_WORKERS: '0', LOG_LEVEL: 'warn', ...this.environment, ...environment });
    this.running.push(started);
    return started;
  }

  /** Ends all of them: one that is left behind would work on what the next tests do. */
  async killAll(): Promise<void> {
    for (const one of this.running) one.kill('SIGKILL');
    await Promise.all(this.running.map(({ stopped }) => stopped));
    this.running = [];
  }

  async close(): Promise<void> {
    await this.killAll();
    await this.db.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async member({ url }: PlazaProcess): Promise<GivenMember> {
    const email = `${randomUUID()}@example.org`;
    const { body } = await supertest(url).post('/api/members').send({ email, password: PASSWORD, displayName: 'Somebody' }).expect(201);
    const { member, accessToken, refreshToken } = body as { member: { id: string }; accessToken: string; refreshToken: string };
    return { id: member.id, email, password: PASSWORD, accessToken, refreshToken, auth: { Authorization: `Bearer ${accessToken}` } };
  }

  members(process: PlazaProcess, count: number): Promise<GivenMember[]> {
    return Promise.all(Array.from({ length: count }, () => this.member(process)));
  }

  conversation({ url }: PlazaProcess, owner: GivenMember, others: readonly GivenMember[]): Promise<Conversation> {
    return givenConversation({ http: supertest.agent(url) }, owner, others);
  }
}
