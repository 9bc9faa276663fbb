import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Conditions } from '../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import { VARIANT_KINDS, type Arrival, type FileRecord, type FileRejection, type FileState, type FileVariant, type Received } from './uploads.types.js';

type Stored = Omit<FileRecord, 'variants'>;

/** An upload past its time is expired to every reader, whether or not the sweep has been there. */
const SELECT = `
  SELECT id, owner_id AS ownerId, IF(state = 'receiving' AND expires_at <= UTC_TIMESTAMP(3), 'expired', state) AS state, purpose, door, name,
         size, reserved, sha256, mime, width, height, reject_code AS rejectCode, attempt, blob_id AS blobId, created_at AS createdAt, expires_at AS expiresAt
  FROM file`;

/** What a file shows of itself to its owner's lists: what is gone is not listed. */
const LISTED = "state IN ('receiving', 'processing', 'ready', 'rejected') AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3))";

/** A state that a file has reached, and what is set on the way. */
export interface Reached {
  readonly state: FileState;
  readonly rejectCode?: FileRejection;
  readonly blobId?: string;
  readonly width?: number | null;
  readonly height?: number | null;
}

/** The only SQL on the tables `file` and `file_variant`. Its writes are conditional on the state; matched rows answer them. */
@Injectable()
export class FileRepository {
  constructor(private readonly database: Database) {}

  /** Anybody's file: for those who hold a signed link to it, and for workers. */
  async find(reader: Reader, id: string): Promise<FileRecord | undefined> {
    return this.one(reader, await reader.rows<Stored>(`${SELECT} WHERE id = ?`, [id]));
  }

  /** The member's own file; another member's is none. */
  async findOwn(reader: Reader, ownerId: string, id: string): Promise<FileRecord | undefined> {
    return this.one(reader, await reader.rows<Stored>(`${SELECT} WHERE id = ? AND owner_id = ?`, [id, ownerId]));
  }

  /** Newest first, without what is deleted or expired. @param beforeId the last id of the page before */
  async list(ownerId: string, { beforeId, limit }: { beforeId?: string; limit: number }): Promise<FileRecord[]> {
    const where = new Conditions().and('owner_id = ?', ownerId).and(LISTED);
    if (beforeId !== undefined) where.and('id < ?', beforeId);
    return this.withVariants(this.database, await this.database.rows<Stored>(`${SELECT} ${where.sql} ORDER BY id DESC LIMIT ?`, [...where.values, limit]));
  }

  /** Oldest first, without what is deleted or expired. @param after the last id of the page before */
  async listAfter(reader: Reader, ownerId: string, { after = '', limit }: { after?: string; limit: number }): Promise<FileRecord[]> {
    return this.withVariants(reader, await reader.rows<Stored>(`${SELECT} WHERE owner_id = ? AND ${LISTED} AND id > ? ORDER BY id LIMIT ?`, [ownerId, after, limit]));
  }

  /** @param seconds until it expires, if no byte comes */
  async insert(tx: Tx, id: string, ownerId: string, { name, purpose, door, size }: Arrival, { reserved, seconds }: { reserved: number; seconds: number }): Promise<void> {
    await tx.write(
      `INSERT INTO file (id, owner_id, state, purpose, door, name, size, reserved, attempt, created_at, expires_at)
       VALUES (?, ?, 'receiving', ?, ?, ?, ?, ?, 0, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL ? SECOND)`,
      [id, ownerId, purpose, door, name, size ?? null, reserved, seconds],
    );
  }

  /** False when it is gone. */
  async updateName(tx: Tx, id: string, name: string): Promise<boolean> {
    return (await tx.write("UPDATE file SET name = ? WHERE id = ? AND state NOT IN ('expired', 'deleted')", [name, id])) === 1;
  }

  /** Uploads under way whose time is over. */
  async listDue(limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>("SELECT id FROM file WHERE state = 'receiving' AND expires_at <= UTC_TIMESTAMP(3) LIMIT ?", [limit]);
    return rows.map(({ id }) => id);
  }

  /** Gives uploads under way more time. */
  async extend(tx: Tx, ids: readonly string[], seconds: number): Promise<number> {
    return tx.write("UPDATE file SET expires_at = UTC_TIMESTAMP(3) + INTERVAL ? SECOND WHERE id IN (?) AND state = 'receiving'", [seconds, ids]);
  }

  /** False when the upload is not under way any more, or something else was set aside for it meanwhile. */
  async setReserved(tx: Tx, { id, reserved }: FileRecord, now: number, size: number | null): Promise<boolean> {
    return (await tx.write("UPDATE file SET reserved = ?, size = ? WHERE id = ? AND state = 'receiving' AND reserved = ?", [now, size, id, reserved])) === 1;
  }

  /** receiving → processing. False when it is not under way any more. */
  async accept(tx: Tx, { id, reserved }: FileRecord, { size, sha256, mime }: Received): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE file SET state = 'processing', size = ?, reserved = ?, sha256 = ?, mime = ?, expires_at = NULL
       WHERE id = ? AND state = 'receiving' AND reserved = ?`,
      [size, size, sha256, mime, id, reserved],
    );
    return matched === 1;
  }

  /** Counts one more worker that begins to check it. */
  async addAttempt(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE file SET attempt = attempt + 1 WHERE id = ?', [id]);
  }

  /** An attempt that was none, e.g. because the scanner did not answer. */
  async dropAttempt(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE file SET attempt = attempt - 1 WHERE id = ? AND attempt > 0', [id]);
  }

  /** Moves a file on, out of the state it was read in. Nothing stays set aside. False when it is not in that state any more, or not yet past its time. */
  async move(tx: Tx, { id, reserved }: FileRecord, from: FileState, { state, rejectCode, blobId, width, height }: Reached): Promise<boolean> {
    const gone = state === 'deleted' || state === 'expired';
    const matched = await tx.write(
      `UPDATE file SET state = ?, reject_code = ?, blob_id = ?, width = ?, height = ?, reserved = 0, expires_at = NULL, finished_at = ${state === 'ready' ? 'NULL' : 'UTC_TIMESTAMP(3)'}
       ${gone ? ", name = '', sha256 = NULL" : ''}
       WHERE id = ? AND state = ? AND reserved = ? ${state === 'expired' ? 'AND expires_at <= UTC_TIMESTAMP(3)' : ''}`,
      [state, rejectCode ?? null, blobId ?? null, width ?? null, height ?? null, id, from, reserved],
    );
    return matched === 1;
  }

  async insertVariant(tx: Tx, fileId: string, { kind, blobId, mime, width, height }: Omit<FileVariant, 'size'>): Promise<void> {
    await tx.write('INSERT INTO file_variant (file_id, kind, blob_id, mime, width, height) VALUES (?, ?, ?, ?, ?, ?)', [fileId, kind, blobId, mime, width, height]);
  }

  async deleteVariants(tx: Tx, fileId: string): Promise<void> {
    await tx.write('DELETE FROM file_variant WHERE file_id = ?', [fileId]);
  }

  /** Forgets an upload that was refused at its door. False when it is not under way any more. */
  async delete(tx: Tx, { id, reserved }: FileRecord): Promise<boolean> {
    return (await tx.write("DELETE FROM file WHERE id = ? AND state = 'receiving' AND reserved = ?", [id, reserved])) === 1;
  }

  /** Forgets what has been gone or rejected for `days`. @returns how many, `limit` at most */
  async deleteOld(tx: Tx, days: number, limit: number): Promise<number> {
    return tx.write(
      `DELETE FROM file WHERE finished_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY AND state IN ('rejected', 'expired', 'deleted') ORDER BY finished_at LIMIT ${limit}`, [days],
    );
  }

  /** Of these files, those whose objects somebody may still be writing or checking. */
  async listUnderWay(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.database.rows<{ id: string }>("SELECT id FROM file WHERE id IN (?) AND state IN ('receiving', 'processing')", [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  private async one(reader: Reader, rows: Stored[]): Promise<FileRecord | undefined> {
    return (await this.withVariants(reader, rows))[0];
  }

  private async withVariants(reader: Reader, rows: Stored[]): Promise<FileRecord[]> {
    const pictures = rows.filter(({ blobId, width }) => blobId !== null && width !== null).map(({ id }) => id);
    const variants = pictures.length === 0 ? [] : await reader.rows<FileVariant & { fileId: string }>(
      `SELECT v.file_id AS fileId, v.kind, v.blob_id AS blobId, b.size, v.mime, v.width, v.height
       FROM file_variant v JOIN file_blob b ON b.id = v.blob_id WHERE v.file_id IN (?) ORDER BY v.file_id, FIELD(v.kind, ?)`,
      [pictures, VARIANT_KINDS],
    );
    const byFile = new Map<string, FileVariant[]>();
    for (const { fileId, ...variant } of variants) byFile.set(fileId, [...(byFile.get(fileId) ?? []), variant]);
    return rows.map((row) => ({ ...row, variants: byFile.get(row.id) ?? [] }));
  }
}
