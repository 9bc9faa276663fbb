import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Storage } from '../../src/platform/storage/storage.js';

type Query = (sql: string) => Promise<unknown>;

/** What contradicts the books of uploads, in words; empty when all is well. Holds at every moment. */
export async function uploadViolations(query: Query): Promise<string[]> {
  const found = (await query(`
    SELECT CONCAT('quota: ', q.member_id, ' has reserved ', q.reserved, ', used ', q.used, ', unfinished ', q.unfinished, '; files say ',
                  COALESCE(SUM(f.reserved), 0), ', ', COALESCE(SUM(IF(f.state = 'ready', f.size, 0)), 0), ', ', COALESCE(SUM(f.state IN ('receiving', 'processing')), 0)) AS violation
      FROM upload_quota q LEFT JOIN file f ON f.owner_id = q.member_id
     GROUP BY q.member_id, q.reserved, q.used, q.unfinished
    HAVING q.reserved <> COALESCE(SUM(f.reserved), 0) OR q.used <> COALESCE(SUM(IF(f.state = 'ready', f.size, 0)), 0)
        OR q.unfinished <> COALESCE(SUM(f.state IN ('receiving', 'processing')), 0)
    UNION ALL
    SELECT CONCAT('quota: ', owner_id, ' has files and no row') FROM file WHERE owner_id NOT IN (SELECT member_id FROM upload_quota)
    UNION ALL
    SELECT CONCAT('refs: blob ', b.id, ' has ', b.refs, ' and ', COUNT(r.blob_id), ' references')
      FROM file_blob b LEFT JOIN (SELECT blob_id FROM file WHERE blob_id IS NOT NULL UNION ALL SELECT blob_id FROM file_variant) r ON r.blob_id = b.id
     GROUP BY b.id, b.refs
    HAVING GREATEST(b.refs, 0) <> COUNT(r.blob_id)
    UNION ALL
    SELECT CONCAT('queue: ', f.id, ' is ', f.state, IF(q.file_id IS NULL, ' without', ' with'), ' a queue row')
      FROM file f LEFT JOIN file_queue q ON q.file_id = f.id
     WHERE (q.file_id IS NULL) = (f.state = 'processing')
    UNION ALL
    SELECT CONCAT('variants: ', v.file_id, ' is ', f.state) FROM file_variant v JOIN file f ON f.id = v.file_id WHERE f.state <> 'ready'
    UNION ALL
    SELECT CONCAT('received: ', id, ' is processing with ', reserved, ' of ', size) FROM file WHERE state = 'processing' AND reserved <> size
  `)) as { violation: string }[];
  return found.map(({ violation }) => violation);
}

/** The same with the objects: once nothing is under way and the sweeps have run, the blobs are all there is, and each is what it says. */
export async function restingUploadViolations(query: Query, storage: Storage): Promise<string[]> {
  const violations = await uploadViolations(query);
  const blobs = (await query('SELECT storage_key AS storageKey, sha256, size, refs FROM file_blob')) as { storageKey: string; sha256: string | null; size: number; refs: number }[];
  const keys = new Set<string>();
  for await (const { key } of storage.list('uploads')) keys.add(key);
  for (const { storageKey, sha256, size, refs } of blobs) {
    if (refs <= 0) violations.push(`sweep: blob at ${storageKey} has ${refs} references`);
    if (!keys.delete(storageKey)) violations.push(`objects: ${storageKey} is missing`);
    else if ((await hashOf(storage, storageKey)) !== sha256) violations.push(`objects: ${storageKey} is not ${sha256}`);
    else if ((await storage.find(storageKey))?.bytes !== Number(size)) violations.push(`objects: ${storageKey} has not ${size} bytes`);
  }
  for (const key of keys) violations.push(`objects: ${key} is nobody's`);
  return violations;
}

async function hashOf(storage: Storage, key: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(storage.read(key), hash);
  return hash.digest('hex');
}
