import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { INestApplication } from '@nestjs/common';
import { FileIntake } from '../../src/features/uploads/file-intake.service.js';
import { FileQueueRepository } from '../../src/features/uploads/file-queue.repository.js';
import { FileTransitions } from '../../src/features/uploads/file-transitions.service.js';
import { FileRepository } from '../../src/features/uploads/file.repository.js';
import { bodyKeyOf } from '../../src/features/uploads/uploads.rules.js';
import type { FileRecord, StoredBytes, VariantKind } from '../../src/features/uploads/uploads.types.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions, type Tx } from '../../src/platform/database/transactions.js';
import { Storage } from '../../src/platform/storage/storage.js';

interface GivenFile {
  readonly name?: string;
  readonly mime?: string;
  /** A picture: how it is cleaned, and its smaller ones. */
  readonly picture?: { served: Buffer; variants: Partial<Record<VariantKind, Buffer>> };
}

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Files in any state, for an application that runs with `UPLOAD_WORKERS: '0'`: what checking makes of them is said by the test. */
export function givenFiles(app: INestApplication) {
  const of = { strict: false };
  const [intake, transitions, files, queue] = [app.get(FileIntake, of), app.get(FileTransitions, of), app.get(FileRepository, of), app.get(FileQueueRepository, of)];
  const [transactions, database, storage] = [app.get(Transactions), app.get(Database), app.get(Storage)];

  const store = async (storageKey: string, bytes: Buffer): Promise<StoredBytes> => {
    await storage.write(storageKey, Readable.from([bytes]));
    return { storageKey, size: bytes.length, sha256: sha256Of(bytes) };
  };
  const find = async (id: string): Promise<FileRecord> => (await files.find(database, id))!;
  const receiving = (memberId: string, size: number, { name = 'a.bin' }: GivenFile = {}): Promise<FileRecord> =>
    intake.open(memberId, { name, purpose: 'generic', door: 'tus', size }, 3600);
  const processing = async (memberId: string, bytes: Buffer, file: GivenFile = {}): Promise<FileRecord> => {
    const { id } = await receiving(memberId, bytes.length, file);
    const { size, sha256 } = await store(bodyKeyOf(id), bytes);
    return transactions.run((tx) => intake.accept(tx, id, { size, sha256, mime: file.mime ?? 'application/octet-stream' }));
  };
  const ended = async (id: string, end: (tx: Tx, record: FileRecord) => Promise<void>): Promise<FileRecord> => {
    await transactions.run(async (tx) => {
      await queue.remove(tx, id);
      await end(tx, (await files.find(tx, id))!);
    });
    return find(id);
  };

  return {
    find,
    receiving,
    processing,
    /** What checking ends with. */
    async ready(memberId: string, bytes: Buffer, file: GivenFile = {}): Promise<FileRecord> {
      const { id } = await processing(memberId, bytes, file);
      const folder = `uploads/${id}`;
      const served = file.picture ? await store(`${folder}/clean`, file.picture.served) : { storageKey: bodyKeyOf(id), size: bytes.length, sha256: sha256Of(bytes) };
      const kinds = Object.entries(file.picture?.variants ?? {}) as [VariantKind, Buffer][];
      const variants = await Promise.all(kinds.map(async ([kind, small]) => ({ kind, mime: 'image/webp', width: 4, height: 3, ...(await store(`${folder}/${kind}`, small)) })));
      const [width, height] = file.picture ? [40, 30] : [null, null];
      return ended(id, (tx, record) => transitions.ready(tx, record, { served, width, height, variants }));
    },
    async rejected(memberId: string, bytes: Buffer): Promise<FileRecord> {
      const { id } = await processing(memberId, bytes);
      return ended(id, (tx, record) => transitions.reject(tx, record, 'file.infected'));
    },
    /** Past its time; nobody has swept it. */
    async expired(memberId: string): Promise<FileRecord> {
      const { id } = await receiving(memberId, 10);
      await transactions.run((tx) => tx.write('UPDATE file SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ?', [id]));
      return find(id);
    },
  };
}
