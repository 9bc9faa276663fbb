import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import type { Tx } from '../../src/platform/database/transactions.js';
import { LeaseQueue, type Lease } from '../../src/platform/jobs/lease-queue.js';
import { createEmptyDatabase, openTestDatabase, type TestDatabase } from '../support/database.js';

describe('a lease queue', () => {
  let own: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let db: TestDatabase;
  let queue: LeaseQueue;

  beforeAll(async () => {
    own = await createEmptyDatabase();
    db = await openTestDatabase([], own.url);
    // The shape every queue table has.
    await db.dataSource.query(`
      CREATE TABLE chore (
        chore_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
        run_at DATETIME(3) NOT NULL, lease_token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL, lease_until DATETIME(3) NULL,
        UNIQUE (lease_token), INDEX (run_at, chore_id)
      ) ENGINE=InnoDB`);
    queue = new LeaseQueue(db.pools, { table: 'chore', idColumn: 'chore_id', leaseSeconds: 60 });
  });
  beforeEach(() => db.dataSource.query('DELETE FROM chore'));
  afterAll(async () => {
    await db.close();
    await own.drop();
  });

  const run = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => db.transactions.run(work);
  const enqueue = async (): Promise<string> => {
    const id = newId();
    await run((tx) => queue.enqueue(tx, id));
    return id;
  };
  const claim = (): Promise<Lease | undefined> => run((tx) => queue.claim(tx));
  const lapse = () => db.dataSource.query('UPDATE chore SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND');
  const secondsLeft = async (id: string): Promise<number> => {
    const [row] = await db.database.rows<{ seconds: string }>('SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), lease_until) / 1e6 AS seconds FROM chore WHERE chore_id = ?', [id]);
    return Number(row!.seconds);
  };

  it('gives items out in the order they came, once each', async () => {
    const ids = [await enqueue(), await enqueue(), await enqueue()];
    const claimed = [await claim(), await claim(), await claim(), await claim()];
    expect(claimed.map((lease) => lease?.id)).toEqual([...ids, undefined]);
  });

  it('gives 40 items to 16 parallel claimers, none of them twice', async () => {
    for (let n = 0; n < 40; n += 1) await enqueue();
    const taken: string[] = [];
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let lease = await claim(); lease; lease = await claim()) taken.push(lease.id);
      }),
    );
    expect(taken).toHaveLength(40);
    expect(new Set(taken).size).toBe(40);
  });

  it('knows whether something is due', async () => {
    expect(await queue.hasDue(db.database)).toBe(false);
    await enqueue();
    expect(await queue.hasDue(db.database)).toBe(true);
    await claim();
    expect(await queue.hasDue(db.database)).toBe(false);
    await lapse();
    expect(await queue.hasDue(db.database)).toBe(true);
  });

  it('leaves an item that is put back for later until then', async () => {
    const id = await enqueue();
    const lease = (await claim())!;
    expect(await run((tx) => queue.giveBack(tx, lease, 60))).toBe(true);
    expect(await claim()).toBeUndefined();
    await db.dataSource.query('UPDATE chore SET run_at = UTC_TIMESTAMP(3)');
    expect(await claim()).toMatchObject({ id });
  });

  it('lets a lease lapse, and the next one has it to itself', async () => {
    const id = await enqueue();
    const first = (await claim())!;
    await lapse();
    const second = (await claim())!;
    expect(second.id).toBe(id);
    expect(await queue.renew(first)).toBe(false);
    expect(await run((tx) => queue.fence(tx, first))).toBe(false);
    expect(await run((tx) => queue.giveBack(tx, first))).toBe(false);
    expect(await run((tx) => queue.finish(tx, first))).toBe(false);
    expect(await queue.renew(second)).toBe(true);
    expect(await run((tx) => queue.finish(tx, second))).toBe(true);
  });

  it('renews by heartbeat and by fence, also a lapsed lease that nobody took', async () => {
    const id = await enqueue();
    const lease = (await claim())!;
    for (const renew of [() => queue.renew(lease), () => run((tx) => queue.fence(tx, lease))]) {
      await lapse();
      expect(await renew()).toBe(true);
      expect(await secondsLeft(id)).toBeGreaterThan(55);
    }
  });

  it('beats while every connection of the request pool is busy', async () => {
    await enqueue();
    const lease = (await claim())!;
    let free!: () => void;
    const busy = new Promise<void>((resolve) => (free = resolve));
    const hogs = Array.from({ length: 20 }, () => run(() => busy));
    expect(await queue.renew(lease)).toBe(true);
    free();
    await Promise.all(hogs);
  });

  it('lets exactly one of finishing and removing win', async () => {
    for (let n = 0; n < 10; n += 1) {
      const id = await enqueue();
      const lease = (await claim())!;
      const outcomes = await Promise.all([
        run((tx) => queue.finish(tx, lease)),
        run((tx) => queue.remove(tx, id)),
        run((tx) => queue.remove(tx, id)),
      ]);
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    }
  });

  it('forgets a claim that was rolled back', async () => {
    const id = await enqueue();
    await expect(
      run(async (tx) => {
        await queue.claim(tx);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await claim()).toMatchObject({ id });
  });

  it('takes plain names only', () => {
    expect(() => new LeaseQueue(db.pools, { table: 'chore; DROP', idColumn: 'id', leaseSeconds: 1 })).toThrow('no table');
  });
});
