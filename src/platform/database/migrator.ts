import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { DatabaseBootError } from './database-boot.error.js';

const LEASE_SECONDS = 30;
const RENEW_EVERY_MS = 5_000;
const PATIENCE_MS = 60_000;
const POLL_MS = 100;

/**
 * Runs the migrations that the database has not seen. Any number of processes may boot at once: one claims
 * a lease row and migrates, the others wait up to 60 s. The lease is a written guard and not GET_LOCK,
 * which a clustered database grants to two at once.
 *
 * @returns how many migrations ran
 * @throws DatabaseBootError when another process is still at it after 60 s, or the lease was lost meanwhile
 */
export async function runMigrations(dataSource: DataSource, report: (text: string) => void, patienceMs = PATIENCE_MS): Promise<number> {
  await dataSource.query(
    `CREATE TABLE IF NOT EXISTS migration_lease (
      id TINYINT NOT NULL PRIMARY KEY,
      token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
      lease_until DATETIME(3) NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`,
  );
  const token = randomUUID();
  await claim(dataSource, token, report, patienceMs);
  let lost = false;
  const renewal = setInterval(() => {
    renew(dataSource, token).then(
      (kept) => void (lost ||= !kept),
      () => undefined,
    );
  }, RENEW_EVERY_MS);
  try {
    const ran = await dataSource.runMigrations({ transaction: 'none' });
    if (lost) throw new DatabaseBootError('The migration lease was lost while migrating: another process may have migrated at the same time. Start again.');
    if (ran.length > 0) report(ran.length === 1 ? '1 migration run.' : `${ran.length} migrations run.`);
    return ran.length;
  } finally {
    clearInterval(renewal);
    await dataSource.query('UPDATE migration_lease SET token = NULL, lease_until = NULL WHERE id = 1 AND token = ?', [token]);
  }
}

async function claim(dataSource: DataSource, token: string, report: (text: string) => void, patienceMs: number): Promise<void> {
  await dataSource.query('INSERT INTO migration_lease (id) VALUES (1) ON DUPLICATE KEY UPDATE id = id');
  const started = Date.now();
  for (let told = false; ; told = true) {
    const result: { affectedRows: number } = await dataSource.query(
      `UPDATE migration_lease SET token = ?, lease_until = UTC_TIMESTAMP(3) + INTERVAL ${LEASE_SECONDS} SECOND
       WHERE id = 1 AND (token IS NULL OR lease_until < UTC_TIMESTAMP(3))`,
      [token],
    );
    if (result.affectedRows === 1) return;
    if (!told) report('Waiting for another process to finish its migrations …');
    if (Date.now() - started > patienceMs) {
      throw new DatabaseBootError(`Another process has been migrating this database for ${Math.round(patienceMs / 1000)} s. If none runs any more, start again in ${LEASE_SECONDS} s.`);
    }
    await sleep(POLL_MS);
  }
}

async function renew(dataSource: DataSource, token: string): Promise<boolean> {
  const result: { affectedRows: number } = await dataSource.query(
    `UPDATE migration_lease SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ${LEASE_SECONDS} SECOND WHERE id = 1 AND token = ?`,
    [token],
  );
  return result.affectedRows === 1;
}
