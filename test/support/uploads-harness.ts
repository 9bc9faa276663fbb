import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import { BlobRepository } from '../../src/features/uploads/blob.repository.js';
import { FileReception } from '../../src/features/uploads/file-reception.service.js';
import { FileSweep } from '../../src/features/uploads/file-sweep.service.js';
import { FileTransitions } from '../../src/features/uploads/file-transitions.service.js';
import { FileRepository } from '../../src/features/uploads/file.repository.js';
import { FilesWorker } from '../../src/features/uploads/processing/files.worker.js';
import { UploadQuotaRepository } from '../../src/features/uploads/upload-quota.repository.js';
import type { FilePurpose, FileRecord } from '../../src/features/uploads/uploads.types.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type GivenMember, type TestApp } from './app.js';
import { eventually } from './eventually.js';
import { restingUploadViolations, uploadViolations } from './uploads-invariants.js';

/** An application whose workers check what is sent to it, with its insides within reach. */
export type UploadsHarness = Awaited<ReturnType<typeof openUploads>>;

export async function openUploads(environment: NodeJS.ProcessEnv = {}) {
  const plaza: TestApp = await createTestApp(environment);
  const { app } = plaza;
  const of = { strict: false };
  const [transactions, database, storage] = [app.get(Transactions), app.get(Database), app.get(Storage)];
  const [files, blobs, reception] = [app.get(FileRepository, of), app.get(BlobRepository, of), app.get(FileReception, of)];
  const [transitions, sweeps, worker] = [app.get(FileTransitions, of), app.get(FileSweep, of), app.get(FilesWorker, of)];

  const find = async (id: string): Promise<FileRecord> => (await files.find(database, id))!;
  const objects = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of storage.list('uploads')) keys.push(key);
    return keys.sort();
  };
  /** What the tasks of the next minute and hour do. */
  const sweep = async (): Promise<void> => {
    await sweeps.expireDue();
    await sweeps.removeUnreferenced();
    await sweeps.removeStrays();
  };

  return {
    ...plaza, transactions, database, storage, files, sweeps, worker, find, objects, sweep,
    /** A file that has come in whole and is to be checked. */
    async send(member: GivenMember, bytes: Buffer, { name = 'a.bin', purpose = 'generic' }: { name?: string; purpose?: FilePurpose } = {}): Promise<FileRecord> {
      const received = await reception.receive(member.id, { name, purpose, door: 'raw' }, Readable.from([bytes]));
      return transactions.run((tx) => reception.accept(tx, received));
    },
    /** The file once it has been checked. */
    until: (id: string, within?: number): Promise<FileRecord> =>
      eventually(async () => {
        const record = await find(id);
        expect(record.state).not.toBe('processing');
        return record;
      }, within),
    async served({ blobId }: { blobId: string | null }): Promise<Buffer> {
      return buffer(storage.read((await blobs.get(database, blobId!)).storageKey));
    },
    /** As its owner's DELETE does. */
    remove: (id: string): Promise<void> => transactions.run(async (tx) => transitions.delete(tx, (await files.find(tx, id))!)),
    quota: (member: GivenMember) => app.get(UploadQuotaRepository, of).get(database, member.id),
    queued: async (id: string) => (await database.rows<{ waits: number; leaseToken: string | null }>(
      'SELECT run_at > UTC_TIMESTAMP(3) AS waits, lease_token AS leaseToken FROM file_queue WHERE file_id = ?', [id]))[0],
    /** What waits is due, and leases of the dead are over. */
    async letTimePass(): Promise<void> {
      await transactions.run((tx) => tx.write('UPDATE file_queue SET run_at = UTC_TIMESTAMP(3) WHERE lease_token IS NULL'));
      worker.wake();
    },
    violations: () => uploadViolations((sql) => database.rows(sql)),
    async resting(): Promise<string[]> {
      await sweep();
      return restingUploadViolations((sql) => database.rows(sql), storage);
    },
  };
}
