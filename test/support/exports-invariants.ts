import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Storage } from '../../src/platform/storage/storage.js';

type Query = (sql: string) => Promise<unknown>;

/** What contradicts E1, E3, E5, the quota or the books, in words; empty when all is well. */
export async function exportViolations(query: Query, storage: Storage): Promise<string[]> {
  const found = (await query(`
    SELECT CONCAT('E1: ', e.id, ' is ', e.state, ', its hold ', COALESCE(h.status, 'missing')) AS violation
      FROM export e LEFT JOIN credit_hold h ON h.id = e.hold_id
     WHERE (e.hold_id IS NOT NULL OR e.source <> 'everything')
       AND COALESCE(h.status, 'missing') <> CASE WHEN e.state IN ('succeeded', 'expired') THEN 'captured'
                                                 WHEN e.state IN ('failed', 'cancelled') THEN 'released' ELSE 'open' END
    UNION ALL
    SELECT CONCAT('E1: ', e.id, ' is ', e.state, ' and was paid ', COUNT(c.seq), ' times')
      FROM export e LEFT JOIN credit_entry c ON c.kind = 'capture' AND c.ref_type = 'export' AND c.ref_id = e.id
     GROUP BY e.id, e.state, e.hold_id
    HAVING COUNT(c.seq) <> IF(e.state IN ('succeeded', 'expired') AND e.hold_id IS NOT NULL, 1, 0)
    UNION ALL
    SELECT CONCAT('E3: ', id, ' is ', state, IF(storage_key IS NULL, ' without', ' with'), ' a file')
      FROM export WHERE (storage_key IS NOT NULL) <> (state = 'succeeded')
    UNION ALL
    SELECT CONCAT('E5: ', e.id, ' is ', e.state, IF(q.export_id IS NULL, ' without', ' with'), ' a queue row')
      FROM export e LEFT JOIN export_queue q ON q.export_id = e.id
     WHERE (q.export_id IS NULL) = (e.state IN ('queued', 'running'))
    UNION ALL
    SELECT CONCAT('quota: ', q.member_id, ' has ', q.active, ' active')
      FROM export_quota q
     WHERE q.active <> (SELECT COUNT(*) FROM export e WHERE e.member_id = q.member_id AND e.state IN ('queued', 'running'))
    UNION ALL
    SELECT CONCAT('free: ', id, ' of ', source, IF(copy_day IS NULL, ' is no copy', ' is a copy'), IF(hold_id IS NULL, ' without', ' with'), ' a hold')
      FROM export WHERE (source = 'everything') <> (copy_day IS NOT NULL) OR (source = 'everything') <> (hold_id IS NULL)
    UNION ALL
    SELECT CONCAT('quota: ', q.member_id, ' has ', q.copies, ' copies of ', q.day)
      FROM export_quota q
     WHERE q.copies <> (SELECT COUNT(*) FROM export e WHERE e.member_id = q.member_id AND e.copy_day = q.day AND e.state <> 'failed')
    UNION ALL
    SELECT CONCAT('books: account of ', a.owner_id, ' has ', a.posted, ' of which held ', a.held)
      FROM credit_account a
     WHERE a.posted <> (SELECT COALESCE(SUM(c.amount), 0) FROM credit_entry c WHERE c.account_id = a.id)
        OR a.held <> (SELECT COALESCE(SUM(h.amount), 0) FROM credit_hold h WHERE h.account_id = a.id AND h.status = 'open')
  `)) as { violation: string }[];
  return [...found.map(({ violation }) => violation), ...(await damaged(query, storage))];
}

/** E3 on the disk: the files that can be downloaded, and are not what their export says. */
async function damaged(query: Query, storage: Storage): Promise<string[]> {
  const kept = (await query(`SELECT id, storage_key AS storageKey, bytes, sha256 FROM export WHERE state = 'succeeded'`)) as
    { id: string; storageKey: string; bytes: number; sha256: string }[];
  const violations: string[] = [];
  for (const { id, storageKey, bytes, sha256 } of kept) {
    const stored = await storage.find(storageKey);
    if (stored?.bytes !== Number(bytes)) violations.push(`E3: ${id} has ${stored?.bytes ?? 'no'} bytes of ${bytes}`);
    else if ((await hashOf(storage, storageKey)) !== sha256) violations.push(`E3: the file of ${id} has another hash`);
  }
  return violations;
}

async function hashOf(storage: Storage, key: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(storage.read(key), hash);
  return hash.digest('hex');
}
