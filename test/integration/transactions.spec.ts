import { once, EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { serverBusy } from '../../src/platform/errors/house.errors.js';
import { errnoOf, isDuplicate } from '../../src/platform/database/sql-errors.js';
import type { Tx } from '../../src/platform/database/transactions.js';
import { createEmptyDatabase, openTestDatabase, type TestDatabase } from '../support/database.js';

describe('transactions', () => {
  let db: TestDatabase;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const empty = await createEmptyDatabase();
    drop = empty.drop;
    db = await openTestDatabase([], empty.url);
    await db.dataSource.query('CREATE TABLE purse (id INT PRIMARY KEY, coins INT NOT NULL, label VARCHAR(40) NOT NULL, CONSTRAINT uq_purse_label UNIQUE (label)) ENGINE=InnoDB');
  });

  beforeEach(async () => {
    await db.dataSource.query('DELETE FROM purse');
    await db.dataSource.query(`INSERT INTO purse VALUES (1, 10, 'one'), (2, 10, 'two')`);
  });

  afterAll(async () => {
    await db.close();
    await drop();
  });

  const coins = async (id: number): Promise<number> => (await db.database.rows<{ coins: number }>('SELECT coins FROM purse WHERE id = ?', [id]))[0]!.coins;
  const add = (tx: Tx, id: number, n = 1): Promise<number> => tx.write('UPDATE purse SET coins = coins + ? WHERE id = ?', [n, id]);

  describe('run', () => {
    it('commits what the closure wrote and answers its result', async () => {
      const matched = await db.transactions.run(async (tx) => (await add(tx, 1)) + (await add(tx, 2)));
      expect(matched).toBe(2);
      expect([await coins(1), await coins(2)]).toEqual([11, 11]);
    });

    it('rolls everything back when the closure throws, and throws the same error on', async () => {
      const mine = new Error('no');
      await expect(
        db.transactions.run(async (tx) => {
          await add(tx, 1);
          throw mine;
        }),
      ).rejects.toBe(mine);
      expect(await coins(1)).toBe(10);
    });

    it('counts the rows that a WHERE matched, also those it did not change', async () => {
      expect(await db.transactions.run((tx) => tx.write('UPDATE purse SET coins = 10 WHERE id = 1'))).toBe(1);
      expect(await db.transactions.run((tx) => tx.write('UPDATE purse SET coins = 10 WHERE id = 3'))).toBe(0);
    });

    it('runs effects after the commit, in their order, and none after a rollback', async () => {
      const seen: unknown[] = [];
      await db.transactions.run(async (tx) => {
        tx.afterCommit(async () => void seen.push(await coins(1)));
        tx.afterCommit(() => void seen.push('second'));
        await add(tx, 1);
        seen.push('closure ends');
      });
      expect(seen).toEqual(['closure ends', 11, 'second']);
      const refused = db.transactions.run(async (tx) => {
        tx.afterCommit(() => void seen.push('never'));
        throw new Error('no');
      });
      await expect(refused).rejects.toThrow('no');
      expect(seen).toHaveLength(3);
    });

    it('lets the commit stand and the other effects run when an effect fails', async () => {
      const seen: string[] = [];
      await db.transactions.run(async (tx) => {
        tx.afterCommit(() => Promise.reject(new Error('the socket is gone')));
        tx.afterCommit(() => void seen.push('other'));
        await add(tx, 1);
      });
      expect(seen).toEqual(['other']);
      expect(await coins(1)).toBe(11);
    });

    it('throws when it is called inside itself, but not from an effect', async () => {
      await expect(db.transactions.run(() => db.transactions.run((tx) => add(tx, 1)))).rejects.toThrow('inside transactions.run');
      expect(await coins(1)).toBe(10);
      await db.transactions.run(async (tx) => tx.afterCommit(async () => void (await db.transactions.run((inner) => add(inner, 1)))));
      expect(await coins(1)).toBe(11);
    });

    it('refuses a transaction handle that outlives its closure', async () => {
      let leaked: Tx | undefined;
      await db.transactions.run(async (tx) => void (leaked = tx));
      await expect(add(leaked!, 1)).rejects.toThrow('has ended');
      await expect(leaked!.rows('SELECT 1')).rejects.toThrow('has ended');
      expect(() => leaked!.afterCommit(() => undefined)).toThrow('has ended');
      expect(() => leaked!.manager).toThrow('has ended');
    });

    it('writes nothing from a branch that nobody awaited after the rollback', async () => {
      const gate = new EventEmitter();
      let branch: Promise<unknown> = Promise.resolve();
      const failed = db.transactions.run(async (tx) => {
        branch = once(gate, 'open').then(() => add(tx, 1));
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      gate.emit('open');
      await expect(branch).rejects.toThrow('has ended');
      expect(await coins(1)).toBe(10);
    });
  });

  describe('in parts', () => {
    it('goes on until nothing is left, each part in a transaction of its own', async () => {
      await db.dataSource.query('DELETE FROM purse');
      await db.transactions.run((tx) => tx.write(`INSERT INTO purse (id, coins, label) VALUES ${Array.from({ length: 2_500 }, (_, id) => `(${id}, 1, 'n${id}')`).join(', ')}`));
      const parts: { rows: number; seenByOthers: number }[] = [];
      await db.transactions.runInParts(async (tx, limit) => {
        const [left] = await db.database.rows<{ n: number }>('SELECT COUNT(*) AS n FROM purse');
        const rows = await tx.write(`DELETE FROM purse LIMIT ${limit}`);
        parts.push({ rows, seenByOthers: left!.n });
        return rows;
      });
      expect(parts).toEqual([{ rows: 1_000, seenByOthers: 2_500 }, { rows: 1_000, seenByOthers: 1_500 }, { rows: 500, seenByOthers: 500 }]);
    });
  });

  describe('retry', () => {
    it('runs the whole closure again after a real deadlock, and neither side is lost or counted twice', async () => {
      const attempts = { first: 0, second: 0 };
      const effects: string[] = [];
      const arrived = new EventEmitter();
      const bothHold = Promise.all([once(arrived, 'first'), once(arrived, 'second')]);
      const side = (name: 'first' | 'second', near: number, far: number): Promise<void> =>
        db.transactions.run(async (tx) => {
          attempts[name] += 1;
          tx.afterCommit(() => void effects.push(name));
          await add(tx, near);
          if (attempts[name] === 1) {
            arrived.emit(name);
            await bothHold;
          }
          await add(tx, far);
        });
      await Promise.all([side('first', 1, 2), side('second', 2, 1)]);
      expect(attempts.first + attempts.second).toBe(3);
      expect(effects.sort()).toEqual(['first', 'second']);
      expect([await coins(1), await coins(2)]).toEqual([12, 12]);
    });

    it('leaves the closure on a lock wait timeout: the statements before it are undone, then all run once more', async () => {
      const own = await openTestDatabase([], db.url);
      try {
        const held = new EventEmitter();
        const taken = once(held, 'taken');
        const released = once(held, 'release');
        const holder = db.transactions.run(async (tx) => {
          await add(tx, 1);
          held.emit('taken');
          await released;
        });
        await taken;
        let attempts = 0;
        await own.transactions.run(async (tx) => {
          attempts += 1;
          if (attempts === 2) held.emit('release');
          await tx.rows('SET SESSION innodb_lock_wait_timeout = 1');
          await add(tx, 2);
          await add(tx, 1);
        });
        await holder;
        expect(attempts).toBe(2);
        expect([await coins(1), await coins(2)]).toEqual([12, 11]);
      } finally {
        await own.close();
      }
    });

    it.each([1213, 1205, 1020, 1047, 8002, 8022, 9007])('gives up as server.busy after five attempts that fail with %i', async (errno) => {
      let attempts = 0;
      const refused = db.transactions.run(async (tx) => {
        attempts += 1;
        await add(tx, 1);
        throw Object.assign(new Error('refused'), { errno });
      });
      await expect(refused).rejects.toMatchObject({ code: serverBusy.code, details: { retryAfterSeconds: 1 } });
      expect(attempts).toBe(5);
      expect(await coins(1)).toBe(10);
    });

    it('does not repeat what will fail again: a duplicate key is thrown at once and known by its key', async () => {
      let attempts = 0;
      const error: unknown = await db.transactions
        .run(async (tx) => {
          attempts += 1;
          await tx.write(`INSERT INTO purse VALUES (3, 1, 'one')`);
        })
        .catch((thrown: unknown) => thrown);
      expect(attempts).toBe(1);
      expect(isDuplicate(error, 'uq_purse_label')).toBe(true);
      expect(isDuplicate(error, 'PRIMARY')).toBe(false);
    });

    it('is not misled by a value that looks like another key', async () => {
      const label = `x' for key 'PRIMARY`;
      const insert = (id: number): Promise<number> => db.transactions.run((tx) => tx.write('INSERT INTO purse VALUES (?, 1, ?)', [id, label]));
      await insert(3);
      const error: unknown = await insert(4).catch((thrown: unknown) => thrown);
      expect(isDuplicate(error, 'PRIMARY')).toBe(false);
      expect(isDuplicate(error, 'uq_purse_label')).toBe(true);
    });

    it('throws on a lost connection, writes nothing, and the pool serves on', async () => {
      const lost = db.transactions.run(async (tx) => {
        await add(tx, 1);
        const [me] = await tx.rows<{ id: number }>('SELECT CONNECTION_ID() AS id');
        await db.dataSource.query(`KILL ${me!.id}`);
        await add(tx, 2);
      });
      await expect(lost).rejects.toThrow();
      expect([await coins(1), await coins(2)]).toEqual([10, 10]);
      expect(await db.transactions.run((tx) => add(tx, 1))).toBe(1);
    });
  });

  describe('isolation', () => {
    it('is READ COMMITTED: a second read sees what was committed in between', async () => {
      await db.transactions.run(async (tx) => {
        const read = async (): Promise<number> => (await tx.rows<{ coins: number }>('SELECT coins FROM purse WHERE id = 1'))[0]!.coins;
        expect(await read()).toBe(10);
        await db.dataSource.query('UPDATE purse SET coins = 99 WHERE id = 1');
        expect(await read()).toBe(99);
      });
    });

    it('keeps the guard of a conditional update under 40 parallel bookings', async () => {
      const booked = await Promise.all(
        Array.from({ length: 40 }, () => db.transactions.run((tx) => tx.write('UPDATE purse SET coins = coins - 1 WHERE id = 1 AND coins >= 1'))),
      );
      expect(booked.filter((matched) => matched === 1)).toHaveLength(10);
      expect(await coins(1)).toBe(0);
    });
  });

  describe('snapshot', () => {
    it('shows one state across statements, whatever is committed meanwhile, and the time of that state', async () => {
      await db.transactions.snapshot(async (snapshot) => {
        const read = (): Promise<unknown[]> => snapshot.rows('SELECT id, coins FROM purse ORDER BY id');
        await db.dataSource.query('UPDATE purse SET coins = 0');
        await db.dataSource.query(`INSERT INTO purse VALUES (3, 5, 'three')`);
        // The first read comes after the commits: the view was fixed when the snapshot opened.
        expect(await read()).toEqual([{ id: 1, coins: 10 }, { id: 2, coins: 10 }]);
        await db.dataSource.query('DELETE FROM purse WHERE id = 1');
        expect(await read()).toHaveLength(2);
        expect(Math.abs(snapshot.at.getTime() - Date.now())).toBeLessThan(5_000);
      });
      expect(await coins(2)).toBe(0);
    });

    it('refuses to write', async () => {
      const error: unknown = await db.transactions.snapshot((snapshot) => snapshot.rows('UPDATE purse SET coins = 0')).catch((thrown: unknown) => thrown);
      expect(errnoOf(error)).toBe(1792);
      expect(await coins(1)).toBe(10);
    });

    it('closes the connection of a snapshot that ended in an error, so no view stays open', async () => {
      let id = 0;
      const failed = db.transactions.snapshot(async (snapshot) => {
        id = (await snapshot.rows<{ id: number }>('SELECT CONNECTION_ID() AS id'))[0]!.id;
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      const alive = async (): Promise<unknown[]> => db.database.rows('SELECT id FROM information_schema.processlist WHERE id = ?', [id]);
      const deadline = Date.now() + 5_000;
      while ((await alive()).length > 0 && Date.now() < deadline) await sleep(10);
      expect(await alive()).toEqual([]);
    });
  });
});
