import { expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const SRC = path.resolve(import.meta.dirname, '../../src');
/** Statements that would change or remove what is on record. */
const CHANGES = /\b(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE(\s+TABLE)?)\s+`?audit_entry\b|\bINTO\s+audit_entry\b[^;]*\bON DUPLICATE KEY\b/i;

it('nothing changes or removes an entry of the audit log, and one place adds them', async () => {
  const files = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  const sources = await Promise.all(files.map(async (name) => ({ name, text: await readFile(path.join(SRC, name), 'utf8') })));
  expect(sources.filter(({ text }) => CHANGES.test(text)).map(({ name }) => name)).toEqual([]);
  expect(sources.filter(({ text }) => /INTO\s+audit_entry\b/i.test(text)).map(({ name }) => name)).toEqual(['platform/audit/audit.repository.ts']);
});

it.each(['UPDATE audit_entry SET at = 1', 'delete from audit_entry', 'TRUNCATE TABLE audit_entry', 'REPLACE INTO audit_entry VALUES (1)', 'INSERT INTO audit_entry (seq) VALUES (1) ON DUPLICATE KEY UPDATE seq = 2'])(
  'would notice %s',
  (sql) => expect(sql).toMatch(CHANGES),
);
