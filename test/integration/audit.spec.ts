import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Audit, type Act } from '../../src/platform/audit/audit.js';
import { AuditRepository } from '../../src/platform/audit/audit.repository.js';
import { hashOfEntry } from '../../src/platform/audit/audit.rules.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { newId } from '../../src/platform/database/columns.js';
import { Cursors } from '../../src/platform/http/cursor.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
let audit: Audit;
let repository: AuditRepository;

const ADA = newId();
const act = (change: Partial<Act> = {}): Act => ({ actorId: ADA, action: 'test.done', subjectType: 'test', subjectId: 'it', ...change });
const record = (change: Partial<Act> = {}) => db.transactions.run((tx) => audit.record(tx, act(change)));
const write = (sql: string, parameters: unknown[] = []) => db.transactions.run((tx) => tx.write(sql, parameters));
const entries = () => repository.listAfter(db.database, 0, 10_000);

beforeAll(async () => {
  db = await openTestDatabase();
  repository = new AuditRepository(db.database);
  audit = new Audit(db.transactions, repository, new Cursors(new SecretKeys(loadConfig({ NODE_ENV: 'test', APP_SECRET: 'a secret of the tests, longer than 32 bytes' }))));
});
beforeEach(() => db.truncate());
afterAll(() => db.close());

describe('the audit log', () => {
  it('says who did what to whom, and when', async () => {
    await record({ details: { after: 'x', before: { reason: '🦉 "quoted"' } } });
    const [entry] = await entries();
    expect(entry).toMatchObject({ seq: 1, actorId: ADA, action: 'test.done', subjectType: 'test', subjectId: 'it', details: '{"after":"x","before":{"reason":"🦉 \\"quoted\\""}}' });
    expect(Math.abs(entry!.at.getTime() - Date.now())).toBeLessThan(60_000);
    expect(await audit.verify()).toMatchObject({ entries: 1, head: entry!.hash, violations: [] });
  });

  it('numbers 50 acts at once without a gap, in one chain', async () => {
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => record({ subjectId: `subject-${n}` })));
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    const log = await entries();
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(new Set(log.map(({ subjectId }) => subjectId)).size).toBe(50);
    expect(await audit.verify()).toMatchObject({ entries: 50, violations: [] });
  });

  it('holds one entry for an act that was tried again after a deadlock, and none for one that was rolled back', async () => {
    let tries = 0;
    await db.transactions.run(async (tx) => {
      await audit.record(tx, act());
      tries += 1;
      if (tries < 3) throw Object.assign(new Error('deadlock'), { errno: 1213 });
    });
    await expect(db.transactions.run(async (tx) => {
      await audit.record(tx, act());
      throw new Error('refused');
    })).rejects.toThrow('refused');
    await record();
    expect((await entries()).map(({ seq }) => seq)).toEqual([1, 2]);
    expect((await audit.verify()).violations).toEqual([]);
  });

  it('takes several acts of one transaction', async () => {
    await db.transactions.run(async (tx) => {
      for (const subjectId of ['a', 'b', 'c']) await audit.record(tx, act({ subjectId }));
    });
    expect((await entries()).map(({ subjectId }) => subjectId)).toEqual(['a', 'b', 'c']);
    expect((await audit.verify()).violations).toEqual([]);
  });

  it('undoes an act that it cannot write down', async () => {
    await write('INSERT INTO task_run (task, period, started_at) VALUES (?, ?, UTC_TIMESTAMP(3))', ['test', 'before']);
    const doIt = (change: Partial<Act>) =>
      db.transactions.run(async (tx) => {
        await tx.write(`UPDATE task_run SET period = 'after' WHERE task = 'test'`);
        await audit.record(tx, act(change));
      });
    await expect(doIt({ details: { text: 'x'.repeat(70_000) } })).rejects.toThrow(/too long/i);
    await expect(doIt({ actorId: 'x'.repeat(37) })).rejects.toThrow(/too long/i);
    expect(await db.database.rows('SELECT period FROM task_run')).toEqual([{ period: 'before' }]);
    expect(await entries()).toEqual([]);
    await doIt({});
    expect(await db.database.rows('SELECT period FROM task_run')).toEqual([{ period: 'after' }]);
    expect((await audit.verify()).violations).toEqual([]);
  });

  it('goes on over more entries than one page of the check holds', async () => {
    await db.transactions.run(async (tx) => {
      for (let n = 0; n < 1_001; n += 1) await audit.record(tx, act({ details: { n } }));
    });
    expect(await audit.verify()).toMatchObject({ entries: 1_001, violations: [] });
    await write(`UPDATE audit_entry SET details = '{}' WHERE seq = 1001`);
    expect((await audit.verify()).violations).toEqual([{ seq: 1_001, fault: 'altered' }]);
  }, 30_000);

  it('is read newest first, a page at a time, by action and by subject', async () => {
    for (let n = 0; n < 6; n += 1) await record({ action: n % 2 ? 'test.done' : 'test.undone', subjectId: n < 4 ? 'it' : 'other' });
    const first = await audit.list({ limit: 4 });
    expect(first.items.map(({ seq }) => seq)).toEqual([6, 5, 4, 3]);
    const second = await audit.list({ limit: 4, cursor: first.nextCursor! });
    expect([second.items.map(({ seq }) => seq), second.nextCursor]).toEqual([[2, 1], null]);
    expect((await audit.list({ limit: 9, action: 'test.done' })).items.map(({ seq }) => seq)).toEqual([6, 4, 2]);
    expect((await audit.list({ limit: 9, subjectId: 'it', action: 'test.undone' })).items.map(({ seq }) => seq)).toEqual([3, 1]);
    expect((await audit.list({ limit: 9, subjectId: 'nobody' })).items).toEqual([]);
  });
});

describe('the check of the audit log', () => {
  beforeEach(async () => {
    for (let n = 0; n < 5; n += 1) await record({ subjectId: `subject-${n}`, details: { n } });
  });

  it.each<[string, string, { seq: number; fault: string }[]]>([
    ['another actor', `UPDATE audit_entry SET actor_id = 'eve' WHERE seq = 3`, [{ seq: 3, fault: 'altered' }]],
    ['another action', `UPDATE audit_entry SET action = 'x' WHERE seq = 3`, [{ seq: 3, fault: 'altered' }]],
    ['another kind of subject', `UPDATE audit_entry SET subject_type = 'x' WHERE seq = 3`, [{ seq: 3, fault: 'altered' }]],
    ['another subject', `UPDATE audit_entry SET subject_id = 'x' WHERE seq = 3`, [{ seq: 3, fault: 'altered' }]],
    ['another time', `UPDATE audit_entry SET at = at - INTERVAL 1 SECOND WHERE seq = 3`, [{ seq: 3, fault: 'altered' }]],
    ['other details', `UPDATE audit_entry SET details = '{"n":7}' WHERE seq = 3`, [{ seq: 3, fault: 'altered' }]],
    ['an entry removed', 'DELETE FROM audit_entry WHERE seq = 3', [{ seq: 3, fault: 'missing' }]],
    ['the first entry removed', 'DELETE FROM audit_entry WHERE seq = 1', [{ seq: 1, fault: 'missing' }]],
    ['the end cut off', 'DELETE FROM audit_entry WHERE seq > 3', [{ seq: 4, fault: 'missing' }]],
    ['everything removed', 'DELETE FROM audit_entry', [{ seq: 1, fault: 'missing' }]],
    ['the head removed', 'DELETE FROM audit_head', [{ seq: 5, fault: 'end' }]],
    ['the head turned back', 'UPDATE audit_head SET seq = 4', [{ seq: 5, fault: 'end' }]],
    ['the end cut off and the head\'s number turned back', 'UPDATE audit_head SET seq = 4; DELETE FROM audit_entry WHERE seq = 5', [{ seq: 4, fault: 'end' }]],
    [
      'an entry added at the end',
      `INSERT INTO audit_entry SELECT 6, at, actor_id, action, subject_type, subject_id, details, hash, hash FROM audit_entry WHERE seq = 5`,
      [{ seq: 6, fault: 'altered' }, { seq: 6, fault: 'end' }],
    ],
    [
      'two entries in each other\'s place',
      'UPDATE audit_entry SET seq = 100 WHERE seq = 2; UPDATE audit_entry SET seq = 2 WHERE seq = 3; UPDATE audit_entry SET seq = 3 WHERE seq = 100',
      [{ seq: 2, fault: 'unlinked' }, { seq: 2, fault: 'altered' }, { seq: 3, fault: 'unlinked' }, { seq: 3, fault: 'altered' }, { seq: 4, fault: 'unlinked' }],
    ],
    [
      'one entry squeezed in and the rest moved up',
      `UPDATE audit_entry SET seq = seq + 1 WHERE seq > 2 ORDER BY seq DESC; UPDATE audit_head SET seq = 6;
       INSERT INTO audit_entry SELECT 3, at, 'eve', action, subject_type, subject_id, details, hash, hash FROM audit_entry WHERE seq = 2`,
      [3, 4, 5, 6].map((seq) => ({ seq, fault: 'altered' })),
    ],
  ])('finds %s', async (_, sql, violations) => {
    for (const statement of sql.split(';')) await write(statement);
    expect((await audit.verify()).violations).toEqual(violations);
  });

  it('finds an entry that was rewritten with a hash to match', async () => {
    const entry = { ...(await entries())[2]!, actorId: 'eve' };
    await write('UPDATE audit_entry SET actor_id = ?, hash = ? WHERE seq = 3', ['eve', hashOfEntry(entry)]);
    expect((await audit.verify()).violations).toEqual([{ seq: 4, fault: 'unlinked' }]);
  });

  it('shows by the head that was noted elsewhere that the whole log was rewritten', async () => {
    const noted = (await audit.verify()).head;
    let previousHash = Buffer.alloc(32);
    for (const entry of await entries()) {
      const forged = { ...entry, actorId: 'eve', previousHash };
      previousHash = hashOfEntry(forged) as Buffer<ArrayBuffer>;
      await write('UPDATE audit_entry SET actor_id = ?, previous_hash = ?, hash = ? WHERE seq = ?', ['eve', forged.previousHash, previousHash, entry.seq]);
    }
    await write('UPDATE audit_head SET hash = ?', [previousHash]);
    const { violations, head } = await audit.verify();
    expect(violations).toEqual([]);
    expect(head.equals(noted)).toBe(false);
  });

  it('reads one moment: entries that are written meanwhile do not look like faults', async () => {
    const checks = Array.from({ length: 6 }, () => audit.verify());
    await Promise.all(Array.from({ length: 30 }, () => record()));
    for (const { violations } of await Promise.all(checks)) expect(violations).toEqual([]);
  });
});
