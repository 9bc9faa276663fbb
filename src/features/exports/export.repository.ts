import { Injectable } from '@nestjs/common';
import { PermissionSet } from '../../platform/auth/permission-set.js';
import { Database } from '../../platform/database/database.js';
import { Conditions, jsonOf } from '../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { Hour } from '../../platform/statistics/hour.js';
import type { ExportFailure, ExportOrder, ExportRecord, ExportState } from './exports.types.js';

interface Stored extends Omit<ExportRecord, 'permissions' | 'filters' | 'columns' | 'guard' | 'bom'> {
  permissions: string;
  filters: string | ExportRecord['filters'];
  columns: string | string[];
  guard: number;
  bom: number;
}

/** A file past its time is expired to every reader, whether or not the sweep has been there. */
const SELECT = `
  SELECT id, member_id AS memberId, permissions, source, format, compression, filters, column_names AS columns, guard, bom,
         IF(state = 'succeeded' AND expires_at <= UTC_TIMESTAMP(3), 'expired', state) AS state,
         attempt, hold_id AS holdId, snapshot_at AS snapshotAt, rows_done AS rowsDone, rows_estimated AS rowsEstimated,
         bytes, sha256, storage_key AS storageKey, error_code AS errorCode, created_at AS createdAt, expires_at AS expiresAt
  FROM export`;

/** What a finished file is known by. */
export interface FinishedFile {
  readonly storageKey: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The only SQL on the table `export`. Its writes are conditional on the state; matched rows answer them. */
@Injectable()
export class ExportRepository {
  constructor(private readonly database: Database) {}

  /** @throws Error when there is none: exports are never deleted */
  async get(reader: Reader, id: string): Promise<ExportRecord> {
    const [row] = await reader.rows<Stored>(`${SELECT} WHERE id = ?`, [id]);
    if (!row) throw new Error(`export ${id} is gone`);
    return recordOf(row);
  }

  /** Anybody's export: for those who hold a signed link to it, and for telling its owner. */
  async find(id: string): Promise<ExportRecord | undefined> {
    const [row] = await this.database.rows<Stored>(`${SELECT} WHERE id = ?`, [id]);
    return row && recordOf(row);
  }

  /** The member's own export; another member's is none. */
  async findOwn(memberId: string, id: string): Promise<ExportRecord | undefined> {
    const [row] = await this.database.rows<Stored>(`${SELECT} WHERE id = ? AND member_id = ?`, [id, memberId]);
    return row && recordOf(row);
  }

  /** Newest first. @param beforeId the last id of the page before */
  async list(memberId: string, { beforeId, limit }: { beforeId?: string; limit: number }): Promise<ExportRecord[]> {
    const where = new Conditions().and('member_id = ?', memberId);
    if (beforeId !== undefined) where.and('id < ?', beforeId);
    const rows = await this.database.rows<Stored>(`${SELECT} ${where.sql} ORDER BY id DESC LIMIT ?`, [...where.values, limit]);
    return rows.map(recordOf);
  }

  /** Oldest first. @param after the last id of the page before */
  async listAfter(reader: Reader, memberId: string, { after = '', limit }: { after?: string; limit: number }): Promise<ExportRecord[]> {
    const rows = await reader.rows<Stored>(`${SELECT} WHERE member_id = ? AND id > ? ORDER BY id LIMIT ?`, [memberId, after, limit]);
    return rows.map(recordOf);
  }

  /**
   * Inserts a queued export, unless the member has the same one under way: the unique key decides, and
   * which of two orders won is told only by reading back.
   *
   * @returns the id of the export under way: `id` when it is the new one
   */
  async insert(tx: Tx, id: string, memberId: string, order: ExportOrder, activeFingerprint: string): Promise<string> {
    await tx.write(
      `INSERT INTO export (id, member_id, permissions, source, format, compression, filters, column_names, guard, bom,
                           active_fingerprint, state, attempt, rows_done, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, 0, UTC_TIMESTAMP(3))
       ON DUPLICATE KEY UPDATE id = id`,
      [
        id, memberId, order.permissions.encode(), order.source, order.format, order.compression,
        JSON.stringify(order.filters), JSON.stringify(order.columns), order.guard ? 1 : 0, order.bom ? 1 : 0, activeFingerprint,
      ],
    );
    return (await this.findUnderWay(tx, memberId, activeFingerprint))!;
  }

  /** The id of the member's export under way with this fingerprint. */
  async findUnderWay(reader: Reader, memberId: string, activeFingerprint: string): Promise<string | undefined> {
    const [row] = await reader.rows<{ id: string }>('SELECT id FROM export WHERE member_id = ? AND active_fingerprint = ?', [memberId, activeFingerprint]);
    return row?.id;
  }

  async setHold(tx: Tx, id: string, holdId: string): Promise<void> {
    await tx.write('UPDATE export SET hold_id = ? WHERE id = ?', [holdId, id]);
  }

  /** Marks it as the free copy of this local date. */
  async setCopyDay(tx: Tx, id: string, day: string): Promise<void> {
    await tx.write('UPDATE export SET copy_day = ? WHERE id = ?', [day, id]);
  }

  /** A worker begins, at row 0. */
  async begin(tx: Tx, id: string): Promise<boolean> {
    const begun = await tx.write(
      `UPDATE export SET state = 'running', attempt = attempt + 1, rows_done = 0, rows_estimated = NULL, snapshot_at = NULL,
                         started_at = COALESCE(started_at, UTC_TIMESTAMP(3))
       WHERE id = ? AND state IN ('queued', 'running')`,
      [id],
    );
    return begun === 1;
  }

  /** Back to the queue. @param burnt false when the attempt does not count: the process was told to stop */
  async putBack(tx: Tx, id: string, burnt: boolean): Promise<void> {
    await tx.write(
      `UPDATE export SET state = 'queued', attempt = attempt - ?, rows_done = 0, rows_estimated = NULL, snapshot_at = NULL
       WHERE id = ? AND state = 'running'`,
      [burnt ? 0 : 1, id],
    );
  }

  async setSnapshot(tx: Tx, id: string, at: Date, rowsEstimated: number): Promise<void> {
    await tx.write('UPDATE export SET snapshot_at = ?, rows_estimated = ? WHERE id = ? AND state = \'running\'', [at, rowsEstimated, id]);
  }

  async setRowsDone(tx: Tx, id: string, rowsDone: number): Promise<void> {
    await tx.write('UPDATE export SET rows_done = ? WHERE id = ? AND state = \'running\'', [rowsDone, id]);
  }

  async succeed(tx: Tx, id: string, file: FinishedFile, retentionDays: number): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE export SET state = 'succeeded', active_fingerprint = NULL, rows_done = ?, bytes = ?, sha256 = ?, storage_key = ?,
                         finished_at = UTC_TIMESTAMP(3), expires_at = UTC_TIMESTAMP(3) + INTERVAL ? DAY
       WHERE id = ? AND state = 'running'`,
      [file.rows, file.bytes, file.sha256, file.storageKey, retentionDays, id],
    );
    return matched === 1;
  }

  async fail(tx: Tx, id: string, code: ExportFailure): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE export SET state = 'failed', active_fingerprint = NULL, error_code = ?, finished_at = UTC_TIMESTAMP(3)
       WHERE id = ? AND state IN ('queued', 'running')`,
      [code, id],
    );
    return matched === 1;
  }

  async cancel(tx: Tx, id: string): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE export SET state = 'cancelled', active_fingerprint = NULL, finished_at = UTC_TIMESTAMP(3)
       WHERE id = ? AND state IN ('queued', 'running')`,
      [id],
    );
    return matched === 1;
  }

  /** Ends the time of a file, early or (with `onlyDue`) when it is over. */
  async expire(tx: Tx, id: string, { onlyDue }: { onlyDue: boolean }): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE export SET state = 'expired', storage_key = NULL, expires_at = LEAST(expires_at, UTC_TIMESTAMP(3))
       WHERE id = ? AND state = 'succeeded' ${onlyDue ? 'AND expires_at <= UTC_TIMESTAMP(3)' : ''}`,
      [id],
    );
    return matched === 1;
  }

  /** Files whose time is over, oldest first. */
  listDue(limit: number): Promise<{ id: string; storageKey: string }[]> {
    return this.database.rows(
      `SELECT id, storage_key AS storageKey FROM export
       WHERE state = 'succeeded' AND expires_at <= UTC_TIMESTAMP(3) ORDER BY expires_at LIMIT ?`,
      [limit],
    );
  }

  /** Of these exports, what says whether a file in their folder is still wanted. */
  async listFiles(ids: readonly string[]): Promise<Map<string, { ended: boolean; storageKey: string | null }>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.rows<{ id: string; ended: number; storageKey: string | null }>(
      `SELECT id, state NOT IN ('queued', 'running') AS ended, storage_key AS storageKey
       FROM export WHERE id IN (?)`,
      [ids],
    );
    return new Map(rows.map(({ id, ended, storageKey }) => [id, { ended: ended === 1, storageKey }]));
  }

  async findFirstOrder(reader: Reader): Promise<Date | null> {
    const [row] = await reader.rows<{ first: Date | null }>('SELECT MIN(created_at) AS first FROM export');
    return row!.first;
  }

  async countOrdered(reader: Reader, { from, to }: Hour): Promise<number> {
    const [row] = await reader.rows<{ n: number }>('SELECT COUNT(*) AS n FROM export WHERE created_at >= ? AND created_at < ?', [from, to]);
    return row!.n;
  }

  /** How many ended in that hour and have one of these states now. */
  async countEnded(reader: Reader, { from, to }: Hour, states: readonly ExportState[]): Promise<number> {
    const [row] = await reader.rows<{ n: number }>('SELECT COUNT(*) AS n FROM export WHERE finished_at >= ? AND finished_at < ? AND state IN (?)', [from, to, states]);
    return row!.n;
  }
}

function recordOf(row: Stored): ExportRecord {
  return {
    ...row,
    permissions: PermissionSet.decode(row.permissions),
    filters: jsonOf(row.filters),
    columns: jsonOf(row.columns),
    guard: row.guard === 1,
    bom: row.bom === 1,
  };
}
