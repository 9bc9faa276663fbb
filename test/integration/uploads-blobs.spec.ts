import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BlobRepository } from '../../src/features/uploads/blob.repository.js';
import { bodyKeyOf } from '../../src/features/uploads/uploads.rules.js';
import type { GivenMember } from '../support/app.js';
import { givenFiles, sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';

const BYTES = ['one', 'two', 'three'].map((text) => Buffer.from(text));

describe('stored bytes', () => {
  let plaza: UploadsHarness;
  let blobs: BlobRepository;
  let given: ReturnType<typeof givenFiles>;
  let mia: GivenMember;

  beforeAll(async () => {
    plaza = await openUploads({ UPLOAD_WORKERS: '0' });
    blobs = plaza.app.get(BlobRepository, { strict: false });
    given = givenFiles(plaza.app);
    mia = await plaza.given.member();
  });
  afterEach(async () => {
    for (const { id } of await plaza.database.rows<{ id: string }>("SELECT id FROM file WHERE state NOT IN ('deleted', 'expired')")) await plaza.remove(id);
    expect(await plaza.violations()).toEqual([]);
    expect(await plaza.resting()).toEqual([]);
    expect(await plaza.objects()).toEqual([]);
  });
  afterAll(() => plaza.close());

  const store = async (storageKey: string, bytes: Buffer) => {
    await plaza.storage.write(storageKey, Readable.from([bytes]));
    return { storageKey, size: bytes.length, sha256: sha256Of(bytes) };
  };
  const references = async () => (await plaza.database.rows<{ refs: number }>('SELECT refs FROM file_blob ORDER BY refs')).map(({ refs }) => refs);

  it('are there as long as somebody refers to them, however often takers and sweepers meet', async () => {
    let taking = true;
    let swept = 0;
    const sweeper = async () => {
      while (taking) swept += await plaza.sweeps.removeUnreferenced();
    };
    const taker = async (name: number) => {
      for (let round = 0; round < 40 || swept < 10; round += 1) {
        const bytes = BYTES[(name + round) % BYTES.length]!;
        const own = await store(`uploads/${randomUUID()}/body`, bytes);
        const id = await plaza.transactions.run((tx) => blobs.take(tx, own));
        const { storageKey } = await blobs.get(plaza.database, id);
        if (storageKey !== own.storageKey) await plaza.storage.delete(own.storageKey);
        expect(await buffer(plaza.storage.read(storageKey))).toEqual(bytes);
        await plaza.transactions.run((tx) => blobs.release(tx, id));
      }
    };
    const sweeping = [sweeper(), sweeper()];
    await Promise.all(Array.from({ length: 8 }, (_, name) => taker(name))).finally(() => (taking = false));
    await Promise.all(sweeping);
    await plaza.sweep();
    expect(await references()).toEqual([]);
  }, 60_000);

  it('are counted as often as they are referred to, whatever is sent, deleted and swept', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), bytes: fc.nat(2), picture: fc.boolean() }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'sweep' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        const ready: string[] = [];
        for (const action of steps) {
          if (action.kind === 'send') {
            const bytes = BYTES[action.bytes]!;
            // The smaller picture is the same as another's whole file.
            const picture = { served: bytes, variants: { thumb: BYTES[0]!, small: bytes } };
            ready.push((await given.ready(mia.id, bytes, action.picture ? { picture } : {})).id);
          } else if (action.kind === 'delete') {
            const [id] = ready.splice(action.which % Math.max(1, ready.length), 1);
            if (id !== undefined) await plaza.remove(id);
          } else await plaza.sweep();
          expect(await plaza.violations()).toEqual([]);
        }
        expect(await plaza.resting()).toEqual([]);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('that a killed sweep left half removed are removed for good, and the next who has them has them anew', async () => {
    const { id } = await given.ready(mia.id, BYTES[0]!);
    const { blobId } = await given.find(id);
    await plaza.remove(id);
    await plaza.transactions.run((tx) => blobs.giveUp(tx, blobId!));
    const again = await given.ready(mia.id, BYTES[0]!);
    expect(again.blobId).not.toBe(blobId);
    expect(await references()).toEqual([-1, 1]);
    // One was killed before its object went, one after.
    await plaza.sweeps.removeUnreferenced();
    expect(await references()).toEqual([1]);
    expect(await plaza.objects()).toEqual([bodyKeyOf(again.id)]);
    expect(await plaza.served(again)).toEqual(BYTES[0]);
  });

  it('are not swept from under somebody who refers to them again', async () => {
    const first = await given.ready(mia.id, BYTES[0]!);
    await plaza.remove(first.id);
    const second = await given.ready(mia.id, BYTES[0]!);
    expect(await plaza.transactions.run((tx) => blobs.giveUp(tx, first.blobId!))).toBe(false);
    expect(second.blobId).toBe(first.blobId);
    expect(await plaza.sweeps.removeUnreferenced()).toBe(0);
  });

  describe('sweeps', () => {
    it('go on past an object that cannot be removed, and remove it the next time', async () => {
      const broken = await given.ready(mia.id, BYTES[0]!);
      const other = await given.ready(mia.id, BYTES[1]!);
      for (const { id } of [broken, other]) await plaza.remove(id);
      const remove = plaza.storage.delete.bind(plaza.storage);
      const storage = jest.spyOn(plaza.storage, 'delete').mockImplementation((key) => (key === bodyKeyOf(broken.id) ? Promise.reject(new Error('broken disk')) : remove(key)));
      expect(await plaza.sweeps.removeUnreferenced()).toBe(1);
      expect(await references()).toEqual([-1]);
      storage.mockRestore();
      expect(await plaza.sweeps.removeUnreferenced()).toBe(1);
      expect(await plaza.resting()).toEqual([]);
    });

    it('end uploads past their time, and return what was set aside', async () => {
      const [late, punctual] = [await given.expired(mia.id), await given.receiving(mia.id, 10)];
      await store(bodyKeyOf(late.id), BYTES[0]!);
      await store(`${bodyKeyOf(late.id)}.json`, BYTES[0]!);
      await store(bodyKeyOf(punctual.id), BYTES[0]!);
      expect(await plaza.sweeps.expireDue()).toBe(1);
      expect(await plaza.sweeps.expireDue()).toBe(0);
      expect(await plaza.find(late.id)).toMatchObject({ state: 'expired', reserved: 0, expiresAt: null });
      expect(await plaza.find(punctual.id)).toMatchObject({ state: 'receiving', reserved: 10 });
      expect(await plaza.quota(mia)).toMatchObject({ used: 0, reserved: 10, unfinished: 1 });
      expect(await plaza.objects()).toEqual([bodyKeyOf(punctual.id)]);
    });

    it('leave an upload whose time was extended at the last moment', async () => {
      const asListed = await given.expired(mia.id);
      expect(asListed.state).toBe('expired');
      await plaza.transactions.run((tx) => plaza.files.extend(tx, [asListed.id], 60));
      expect(await plaza.transactions.run((tx) => plaza.files.move(tx, asListed, 'receiving', { state: 'expired' }))).toBe(false);
      expect(await plaza.sweeps.expireDue()).toBe(0);
      expect(await plaza.find(asListed.id)).toMatchObject({ state: 'receiving' });
    });

    it('remove objects that nothing names, and no others', async () => {
      const ready = await given.ready(mia.id, BYTES[0]!);
      const processing = await given.processing(mia.id, BYTES[1]!);
      const receiving = await given.receiving(mia.id, 10);
      const wanted = [bodyKeyOf(ready.id), bodyKeyOf(processing.id), `uploads/${processing.id}/thumb-x`, bodyKeyOf(receiving.id), `${bodyKeyOf(receiving.id)}.json`];
      for (const key of wanted.slice(2)) await store(key, BYTES[2]!);
      for (const key of [`uploads/${ready.id}/thumb-x`, `uploads/${randomUUID()}/body`, `uploads/${randomUUID()}/body.json`]) await store(key, BYTES[2]!);
      expect(await plaza.sweeps.removeStrays()).toBe(3);
      expect(await plaza.objects()).toEqual([...wanted].sort());
    });

    it('forget after a month what was deleted, expired or rejected, and nothing else', async () => {
      const ready = await given.ready(mia.id, BYTES[0]!);
      const [old, recent] = [await given.rejected(mia.id, BYTES[1]!), await given.rejected(mia.id, BYTES[1]!)];
      const age = (id: string, days: number) => plaza.transactions.run((tx) => tx.write('UPDATE file SET finished_at = UTC_TIMESTAMP(3) - INTERVAL ? DAY WHERE id = ?', [days, id]));
      // Nobody has to walk past what is kept, however much of it there is.
      expect(await plaza.database.rows('SELECT id FROM file WHERE id = ? AND finished_at IS NULL', [ready.id])).toHaveLength(1);
      await age(ready.id, 400);
      await age(old.id, 31);
      await age(recent.id, 29);
      await plaza.sweeps.forgetOld();
      expect(await plaza.find(old.id)).toBeUndefined();
      expect(await plaza.find(recent.id)).toMatchObject({ state: 'rejected' });
      expect(await plaza.find(ready.id)).toMatchObject({ state: 'ready' });
    });
  });
});
