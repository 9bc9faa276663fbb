import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FileReception } from '../../src/features/uploads/file-reception.service.js';
import { FileTransitions } from '../../src/features/uploads/file-transitions.service.js';
import { LiveFiles } from '../../src/features/uploads/live-files.service.js';
import { UploadQuotaRepository } from '../../src/features/uploads/upload-quota.repository.js';
import type { FileRecord } from '../../src/features/uploads/uploads.types.js';
import { FileContents } from '../../src/features/uploads/serving/file-contents.service.js';
import { OwnFiles } from '../../src/features/uploads/serving/own-files.service.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { PERMISSIONS_BY_ROLE } from '../../src/platform/auth/permissions.js';
import { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions, type Snapshot } from '../../src/platform/database/transactions.js';
import type { Row } from '../../src/platform/datasets/dataset.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { unzipped } from '../support/unzipped.js';
import { givenFiles, sha256Of } from '../support/uploads-files.js';
import { uploadViolations } from '../support/uploads-invariants.js';

describe('files that are ready', () => {
  let plaza: TestApp;
  let given: ReturnType<typeof givenFiles>;
  let files: OwnFiles;
  let storage: Storage;
  let database: Database;
  let transactions: Transactions;

  beforeAll(async () => {
    plaza = await createTestApp({ UPLOAD_WORKERS: '0' });
    given = givenFiles(plaza.app);
    files = plaza.app.get(OwnFiles, { strict: false });
    [storage, database, transactions] = [plaza.app.get(Storage), plaza.app.get(Database), plaza.app.get(Transactions)];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    expect(await uploadViolations((sql) => database.rows(sql))).toEqual([]);
  });
  afterAll(() => plaza.close());

  const member = async () => (await plaza.given.member()).id;
  const quota = async (memberId: string) => {
    const { used, reserved, unfinished } = await plaza.app.get(UploadQuotaRepository, { strict: false }).get(database, memberId);
    return { used, reserved, unfinished };
  };
  const NOTHING = { used: 0, reserved: 0, unfinished: 0 };
  const objectsOf = async ({ id }: { id: string }) => {
    const keys: string[] = [];
    for await (const { key } of storage.list(`uploads/${id}`)) keys.push(key);
    return keys;
  };
  const refsOf = async (...hashes: string[]) => {
    const rows = await database.rows<{ refs: number }>('SELECT refs FROM file_blob WHERE sha256 IN (?) ORDER BY refs', [hashes]);
    return rows.map(({ refs }) => refs);
  };
  const isQueued = async ({ id }: FileRecord) => (await database.rows('SELECT 1 FROM file_queue WHERE file_id = ?', [id])).length > 0;
  const picture = () => ({ served: randomBytes(50), variants: { thumb: randomBytes(20), small: randomBytes(30) } });
  const contentOf = async (memberId: string, { id }: FileRecord) => buffer(await (await plaza.app.get(FileContents, { strict: false }).own(memberId, id)).open());

  describe('are deleted', () => {
    it.each<[string, (memberId: string) => Promise<FileRecord>]>([
      ['received', (memberId) => given.receiving(memberId, 10)],
      ['checked', (memberId) => given.processing(memberId, randomBytes(10))],
      ['refused', (memberId) => given.rejected(memberId, randomBytes(10))],
      ['ready', (memberId) => given.ready(memberId, randomBytes(10))],
      ['ready, with smaller pictures', (memberId) => given.ready(memberId, randomBytes(10), { picture: picture() })],
    ])('while they are %s: nothing is held of them, and a second time they are gone', async (_, made) => {
      const mia = await member();
      const other = await given.ready(mia, randomBytes(7));
      const file = await made(mia);
      await files.delete(mia, file.id);
      expect(await quota(mia)).toEqual({ used: 7, reserved: 0, unfinished: 0 });
      expect(await given.find(file.id)).toMatchObject({ state: 'deleted', name: '', sha256: null, blobId: null, variants: [], rejectCode: null });
      expect(await isQueued(file)).toBe(false);
      if (file.state !== 'ready') expect(await objectsOf(file)).toEqual([]);
      for (const again of [() => files.delete(mia, file.id), () => files.get(mia, file.id)]) await expect(again()).rejects.toMatchObject({ code: 'file.deleted', kind: 'gone' });
      expect(await contentOf(mia, other)).toHaveLength(7);
    });

    it('but not once their time is over, nor by another member, nor when there is no such file', async () => {
      const [mia, noah] = [await member(), await member()];
      await expect(files.delete(mia, (await given.expired(mia)).id)).rejects.toMatchObject({ code: 'file.expired' });
      const file = await given.ready(mia, randomBytes(10));
      for (const id of [file.id, newId()]) await expect(files.delete(noah, id)).rejects.toMatchObject({ code: 'not-found' });
      expect(await given.find(file.id)).toMatchObject({ state: 'ready' });
    });

    it('without what others have of the same bytes: each has a reference of its own', async () => {
      const [mia, noah] = [await member(), await member()];
      const [bytes, image] = [randomBytes(10), picture()];
      const [hers, his] = [await given.ready(mia, bytes, { picture: image }), await given.ready(noah, bytes, { picture: image })];
      const hashes = [image.served, ...Object.values(image.variants)].map(sha256Of);
      expect(await refsOf(...hashes)).toEqual([2, 2, 2]);
      await files.delete(mia, hers.id);
      expect(await refsOf(...hashes)).toEqual([1, 1, 1]);
      expect(await contentOf(noah, his)).toEqual(image.served);
      expect([await quota(mia), await quota(noah)]).toEqual([NOTHING, { used: 10, reserved: 0, unfinished: 0 }]);
      await files.delete(noah, his.id);
      expect(await refsOf(...hashes)).toEqual([0, 0, 0]);
    });

    it('once, however often they are deleted at the same time', async () => {
      const mia = await member();
      const { id } = await given.ready(mia, randomBytes(10), { picture: picture() });
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => files.delete(mia, id)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'file.deleted' });
      expect(await quota(mia)).toEqual(NOTHING);
    });

    it('whatever a worker makes of them at the same moment', async () => {
      const transitions = plaza.app.get(FileTransitions, { strict: false });
      for (let round = 0; round < 20; round += 1) {
        const mia = await member();
        const bytes = randomBytes(10);
        const { id } = await given.processing(mia, bytes);
        const served = { storageKey: `uploads/${id}/body`, size: 10, sha256: sha256Of(bytes) };
        const checked = transactions.run(async (tx) => {
          await tx.write('DELETE FROM file_queue WHERE file_id = ?', [id]);
          await transitions.ready(tx, (await given.find(id)), { served, width: null, height: null, variants: [] });
        });
        await Promise.allSettled([checked, files.delete(mia, id)]);
        expect(await given.find(id)).toMatchObject({ state: 'deleted' });
        expect(await quota(mia)).toEqual(NOTHING);
      }
    });

    describe('in the middle of their bytes', () => {
      /** A file whose first bytes are in the storage, and what becomes of it. */
      const arriving = async (memberId: string) => {
        const reception = plaza.app.get(FileReception, { strict: false });
        const body = new Readable({ read() { /* fed by the test */ } });
        body.push(randomBytes(100_000));
        const outcome = reception.receive(memberId, { name: 'a.bin', purpose: 'generic', door: 'raw' }, body)
          .then((received) => transactions.run((tx) => reception.accept(tx, received)))
          .then(() => undefined, (error: unknown) => error);
        const file = await eventually(async () => {
          const [first] = (await files.list(memberId, { limit: 1 })).items;
          expect(await objectsOf(first!)).toHaveLength(1);
          return first!;
        });
        return { body, outcome, file };
      };

      it('so that their sender is told at the end, and nothing is left behind', async () => {
        const mia = await member();
        const { body, outcome, file } = await arriving(mia);
        await files.delete(mia, file.id);
        body.push(randomBytes(100_000));
        body.push(null);
        expect(await outcome).toMatchObject({ code: 'file.deleted' });
        expect(await objectsOf(file)).toEqual([]);
        expect(await quota(mia)).toEqual(NOTHING);
      });

      it('so that no more than a heartbeat\'s worth of them is taken', async () => {
        const mia = await member();
        const [{ outcome, file }, other] = [await arriving(mia), await arriving(await member())];
        await files.delete(mia, file.id);
        await (plaza.app.get(LiveFiles, { strict: false }) as unknown as { beat(): Promise<void> }).beat();
        expect(await outcome).toMatchObject({ code: 'file.deleted' });
        expect(await objectsOf(file)).toEqual([]);
        other.body.push(null);
        expect(await other.outcome).toBeUndefined();
      });

      it('when all of them had come and nobody had accepted them', async () => {
        const mia = await member();
        const reception = plaza.app.get(FileReception, { strict: false });
        const received = await reception.receive(mia, { name: 'a.bin', purpose: 'generic', door: 'raw' }, Readable.from([randomBytes(10)]));
        await files.delete(mia, received.id);
        await storage.write(`uploads/${received.id}/body`, Readable.from([randomBytes(10)]));
        await expect(transactions.run((tx) => reception.accept(tx, received))).rejects.toMatchObject({ code: 'file.deleted' });
        await reception.abandon(received);
        expect(await objectsOf(received)).toEqual([]);
      });
    });
  });

  describe('are there to be taken away', () => {
    const uploads = () => plaza.app.get(Datasets).find('uploads')!;
    const request = (memberId: string) => ({ memberId, permissions: PermissionSet.of(PERMISSIONS_BY_ROLE.member), filters: {} });
    const attachments = async (snapshot: Snapshot, memberId: string) => {
      const found = [];
      for await (const attachment of uploads().attachments!(snapshot, request(memberId))) found.push(attachment);
      return found;
    };

    it('as rows of their owner, in any pages, for who may read files', async () => {
      const [mia, noah] = [await member(), await member()];
      await given.ready(noah, randomBytes(10));
      const made = [await given.ready(mia, randomBytes(10), { name: 'boat.jpeg', mime: 'image/jpeg', picture: picture() }), await given.rejected(mia, randomBytes(10)), await given.receiving(mia, 10)];
      await files.delete(mia, (await given.ready(mia, randomBytes(10))).id);
      for (const pageSize of [1, 2, 3, 100]) {
        await transactions.snapshot(async (snapshot) => {
          const rows: Row[] = [];
          for await (const page of uploads().pages(snapshot, request(mia), pageSize)) rows.push(...page);
          expect(rows.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
          expect(await uploads().count(snapshot, request(mia))).toBe(3);
          for (const row of rows) expect(Object.keys(row)).toEqual(uploads().columns.map(({ name }) => name));
          expect(rows[0]).toEqual({
            id: made[0]!.id, name: 'boat.jpeg', state: 'ready', rejectCode: null, purpose: 'generic', size: 10, mime: 'image/jpeg', sha256: made[0]!.sha256, width: 40, height: 30, createdAt: made[0]!.createdAt,
          });
          expect(rows[1]).toMatchObject({ state: 'rejected', rejectCode: 'file.infected' });
        });
      }
      expect(uploads().personal).toBe(true);
      expect([uploads().mayRead(PermissionSet.of(['files.read'])), uploads().mayRead(PermissionSet.of(PERMISSIONS_BY_ROLE.admin.filter((name) => name !== 'files.read')))]).toEqual([true, false]);
    });

    it('with their bytes as they are served, under names that every system can unpack', async () => {
      const mia = await member();
      const [bytes, image] = [randomBytes(10), picture()];
      const plain = await given.ready(mia, bytes, { name: 'what: "this"?.bin' });
      const cleaned = await given.ready(mia, randomBytes(10), { name: 'größe 😀.png', mime: 'image/png', picture: image });
      for (const other of [await given.processing(mia, randomBytes(10)), await given.rejected(mia, randomBytes(10))]) expect(other.state).not.toBe('ready');
      await transactions.snapshot(async (snapshot) => {
        const found = await attachments(snapshot, mia);
        expect(found.map(({ name }) => name)).toEqual([`files/${plain.id}/what_ _this__.bin`, `files/${cleaned.id}/größe 😀.png`]);
        expect(await buffer((await found[0]!.open())!)).toEqual(bytes);
        expect(await buffer((await found[1]!.open())!)).toEqual(image.served);
      });
    });

    it('unless they are deleted before their turn, or the storage has lost them, which is logged', async () => {
      const mia = await member();
      const ready = () => given.ready(mia, randomBytes(10));
      const [deleted, swept, lost, kept] = [await ready(), await ready(), await ready(), await ready()];
      const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
      await transactions.snapshot(async (snapshot) => {
        const found = await attachments(snapshot, mia);
        for (const { id } of [deleted, swept]) await files.delete(mia, id);
        for (const { id } of [swept, lost]) await storage.delete(`uploads/${id}/body`);
        const opened = await Promise.all(found.map((attachment) => attachment.open()));
        expect(opened.map((bytes) => bytes !== undefined)).toEqual([false, false, false, true]);
        expect(found[3]!.name).toContain(kept.id);
        opened[3]!.destroy();
      });
      expect(logged.mock.calls).toEqual([[{ fileId: lost.id }, expect.any(String)]]);
    });

    describe('in the copy of everything', () => {
      const ordered = async (auth: Record<string, string>) => {
        const { body } = (await plaza.http.post('/api/exports').set(auth).send({ source: 'everything' }).expect(202)) as { body: { id: string } };
        return eventually(async () => {
          const { body: now } = (await plaza.http.get(`/api/exports/${body.id}`).set(auth).expect(200)) as { body: { state: string } };
          expect(now.state).toBe('succeeded');
          return unzipped(Buffer.from(await (await fetch(`${plaza.url}/api/exports/${body.id}/download`, { headers: auth })).arrayBuffer()));
        }, 20_000);
      };
      const manifestOf = (archive: Map<string, Buffer>) => JSON.parse(archive.get('manifest.json')!.toString()) as { files: object[]; missing: object[] };
      let ada: GivenMember;
      let file: FileRecord;
      const bytes = randomBytes(3_000_000);

      beforeAll(async () => {
        ada = await plaza.given.member();
        file = await given.ready(ada.id, bytes, { name: 'trip.bin' });
      });

      it('before its list, which has their names, sizes and hashes, and those that are gone', async () => {
        const lost = await given.ready(ada.id, randomBytes(10), { name: 'lost.bin' });
        await storage.delete(`uploads/${lost.id}/body`);
        const archive = await ordered(ada.auth);
        const name = `files/${file.id}/trip.bin`;
        expect([...archive.keys()].slice(-2)).toEqual([name, 'manifest.json']);
        expect(archive.get(name)!.equals(bytes)).toBe(true);
        expect(archive.get('uploads.ndjson')!.toString().split('\n').length - 1).toBe(2);
        expect(manifestOf(archive).files.at(-1)).toEqual({ name, source: 'uploads', bytes: bytes.length, sha256: file.sha256 });
        expect(manifestOf(archive).missing).toEqual([{ name: `files/${lost.id}/lost.bin`, source: 'uploads' }]);
      });

      it('but not of a token that may not read them', async () => {
        const eve = await plaza.given.member();
        await given.ready(eve.id, randomBytes(10));
        const { body: token } = (await plaza.http.post('/api/api-tokens').set(eve.auth).send({ name: 'bot', permissions: ['exports.order', 'credits.read'] }).expect(201)) as { body: { secret: string } };
        const archive = await ordered({ 'X-Token': token.secret });
        expect([...archive.keys()]).toEqual(['credits.ndjson', 'exports.ndjson', 'manifest.json']);
      });
    });
  });
});
