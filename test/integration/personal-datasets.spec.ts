import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ExportRepository } from '../../src/features/exports/export.repository.js';
import { ExportsDataset } from '../../src/features/exports/exports.dataset.js';
import { ApiTokenRepository } from '../../src/features/members/api-token.repository.js';
import { EntitlementRepository } from '../../src/features/members/entitlement.repository.js';
import { IdentityRepository } from '../../src/features/members/oidc/identity.repository.js';
import { MemberRepository } from '../../src/features/members/member.repository.js';
import { MembersDatasets } from '../../src/features/members/members.dataset.js';
import { SessionRepository } from '../../src/features/members/session.repository.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { PERMISSIONS_BY_ROLE, SESSION_ONLY, type PermissionName } from '../../src/platform/auth/permissions.js';
import { newId } from '../../src/platform/database/columns.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import type { Row } from '../../src/platform/datasets/dataset.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
const datasets = new Datasets();
const [mia, noah] = [newId(), newId()];
/** The ids of what was made for a member, by dataset. */
const made: Record<string, Record<string, string[]>> = { [mia]: {}, [noah]: {} };

/** Five of everything for a member, so that pages of two end in a short one. */
async function given(memberId: string): Promise<void> {
  const write = (sql: string, ...values: unknown[]) => db.transactions.run((tx) => tx.write(sql, values));
  const mine = made[memberId]!;
  const ids = (name: string): string[] => (mine[name] = Array.from({ length: 5 }, () => newId()));
  await write(`INSERT INTO member (id, email, display_name, password_hash, role, permission_version, created_at) VALUES (?, ?, 'Somebody', 'hash of the password', 'member', 1, UTC_TIMESTAMP(3))`, memberId, `${memberId}@example.org`);
  mine['profile'] = [memberId];
  for (const id of ids('sessions')) {
    await write(
      `INSERT INTO session (id, member_id, refresh_hash, generation, user_agent, ip, created_at, rotated_at, revoked_at, expires_at)
       VALUES (?, ?, ?, 0, 'device', '192.0.2.1', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
      id, memberId, randomBytes(32),
    );
  }
  for (const id of ids('api-tokens')) {
    await write(
      `INSERT INTO api_token (id, member_id, name, secret_hash, permissions, revoked_at, created_at) VALUES (?, ?, 'bot', ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
      id, memberId, randomBytes(32), PermissionSet.of(['memes.read', 'credits.read']).encode(),
    );
  }
  for (const id of ids('exports')) {
    await write(
      `INSERT INTO export (id, member_id, permissions, source, format, compression, filters, column_names, guard, bom, state, attempt, rows_done, created_at)
       VALUES (?, ?, '', 'memes', 'csv', 'none', '{"kind":"normal"}', '["id","caption"]', 1, 0, 'cancelled', 0, 0, UTC_TIMESTAMP(3))`,
      id, memberId,
    );
  }
  mine['identities'] = ['a 1', 'a 2', 'b 1', 'b 2', 'b 3'].map((name) => `${name}-${memberId}`);
  for (const identity of mine['identities']) {
    const [provider, subject] = identity.split(' ');
    await write('INSERT INTO identity (provider, subject, member_id, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))', provider, subject, memberId);
  }
  mine['entitlements'] = ['credits.read', 'exports.order', 'memes.ai', 'memes.read', 'polls.manage'];
  for (const permission of mine['entitlements']) await write('INSERT INTO entitlement (member_id, permission, until) VALUES (?, ?, UTC_TIMESTAMP(3))', memberId, permission);
}

beforeAll(async () => {
  db = await openTestDatabase();
  await db.truncate();
  new MembersDatasets(
    datasets, new MemberRepository(db.database), new SessionRepository(db.database), new ApiTokenRepository(db.database), new IdentityRepository(), new EntitlementRepository(),
  ).onModuleInit();
  new ExportsDataset(datasets, new ExportRepository(db.database)).onModuleInit();
  await given(mia);
  await given(noah);
});
afterAll(() => db.close());

const NAMES = ['api-tokens', 'entitlements', 'exports', 'identities', 'profile', 'sessions'];
const permissions = PermissionSet.of(PERMISSIONS_BY_ROLE.member);
const keyOf = (row: Row): string => String(row['id'] ?? row['permission'] ?? `${String(row['provider'])} ${String(row['subject'])}`);

it('what is on record of a member is there to be taken away', () => {
  expect(datasets.list().map(({ name, personal }) => [name, personal])).toEqual(NAMES.map((name) => [name, true]));
});

describe.each(NAMES)('the dataset %s', (name) => {
  const dataset = () => datasets.find(name)!;

  it.each([1, 2, 5, 100])('has all the rows of its member once and in order, and nobody else\'s, in pages of %i', async (pageSize) => {
    for (const memberId of [mia, noah]) {
      const request = { memberId, permissions, filters: {} };
      await db.transactions.snapshot(async (snapshot) => {
        const rows: Row[] = [];
        for await (const page of dataset().pages(snapshot, request, pageSize)) {
          expect(page.length).toBeLessThanOrEqual(pageSize);
          rows.push(...page);
        }
        expect(rows.map(keyOf)).toEqual(made[memberId]![name]);
        for (const row of rows) expect(Object.keys(row)).toEqual(dataset().columns.map((column) => column.name));
        for (const value of rows.flatMap((row) => Object.values(row))) expect(value === null || typeof value !== 'object' || value instanceof Date).toBe(true);
        expect(await dataset().count(snapshot, request)).toBe(rows.length);
      });
    }
  });

  it('is for people, and for tokens that have the permission', () => {
    const needs: Record<string, PermissionName> = {
      'api-tokens': 'account.manage', sessions: 'account.manage', identities: 'account.manage',
      profile: 'profile.read', entitlements: 'profile.read', exports: 'exports.order',
    };
    expect(dataset().mayRead(permissions)).toBe(true);
    expect(dataset().mayRead(PermissionSet.of([needs[name]!]))).toBe(true);
    expect(dataset().mayRead(PermissionSet.of(PERMISSIONS_BY_ROLE.admin.filter((permission) => permission !== needs[name])))).toBe(false);
    expect(['api-tokens', 'sessions', 'identities'].includes(name)).toBe(SESSION_ONLY.has(needs[name]!));
  });
});

it('the datasets spell permissions out', async () => {
  await db.transactions.snapshot(async (snapshot) => {
    for await (const [first] of datasets.find('api-tokens')!.pages(snapshot, { memberId: mia, permissions, filters: {} }, 1)) expect(first).toMatchObject({ permissions: 'credits.read,memes.read' });
  });
});
