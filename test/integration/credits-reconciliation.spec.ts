import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountOwner } from '../../src/features/credits/index.js';
import { newId } from '../../src/platform/database/columns.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;
let owner: AccountOwner;
let accountId: string;

beforeAll(async () => {
  h = await openCredits();
});
beforeEach(async () => {
  await h.db.truncate();
  owner = await h.open();
  const other = await h.open();
  const ref = () => ({ refType: 'test', refId: newId() });
  await h.run((tx) => h.credits.spend(tx, owner, { amount: 1, ...ref() }));
  await h.run((tx) => h.credits.adjust(tx, owner.id, { amount: 4, reason: 'a present', actorId: newId() }));
  await h.run((tx) => h.credits.adjust(tx, other.id, { amount: -1, reason: 'a fine', actorId: newId() }));
  await h.run((tx) => h.credits.transfer(tx, owner.id, other.id, 2));
  await h.run((tx) => h.credits.hold(tx, owner, { amount: 3, holdSeconds: 600, ...ref() }));
  const token = await h.open('api_token');
  await h.run((tx) => h.credits.purchase(tx, token, { amount: 100, ...ref() }));
  await h.run((tx) => h.credits.spend(tx, token, { amount: 1, ...ref() }));
  accountId = (await h.account(owner)).id;
});
afterAll(() => h.db.close());

/** Breaks the books as no statement of the feature does: on a connection that checks nothing. */
async function plant(sql: string, parameters: unknown[] = [accountId]): Promise<void> {
  const runner = h.db.dataSource.createQueryRunner();
  await runner.query('SET SESSION check_constraint_checks = 0');
  try {
    await runner.query(sql, parameters);
  } finally {
    await runner.query('SET SESSION check_constraint_checks = 1');
    await runner.release();
  }
}

const violations = async () => (await h.reconciliation.check()).violations;

describe('the reconciliation', () => {
  it('finds nothing in books that are right, and says when it looked', async () => {
    const { checkedAt, violations: none } = await h.reconciliation.check();
    expect(none).toEqual([]);
    expect(Math.abs(checkedAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('I1: a balance that the entries do not add up to', async () => {
    await plant('UPDATE credit_account SET posted = posted + 1 WHERE id = ?');
    expect(await violations()).toContainEqual({ invariant: 'I1', accountId, unit: 'credit', expected: 7, actual: 6 });
  });

  it('I1: an entry in the middle that says another amount', async () => {
    await plant('UPDATE credit_entry SET amount = amount + 1 WHERE account_id = ? AND seq = 1');
    expect(await violations()).toContainEqual({ invariant: 'I1', accountId, unit: 'credit', expected: 6, actual: 7 });
  });

  it('I1: a last entry that says another balance', async () => {
    await plant('UPDATE credit_entry SET balance_after = 99 WHERE account_id = ? ORDER BY seq DESC LIMIT 1');
    expect(await violations()).toEqual([{ invariant: 'I1', accountId, unit: 'credit', expected: 6, actual: 99 }]);
  });

  it('I2: credits held that no open hold stands for, and the other way round', async () => {
    await plant('UPDATE credit_account SET held = held + 1 WHERE id = ?');
    expect(await violations()).toEqual([{ invariant: 'I2', accountId, unit: 'credit', expected: 3, actual: 4 }]);
    await plant('UPDATE credit_account SET held = held - 1 WHERE id = ?');
    await plant("UPDATE credit_hold SET status = 'released' WHERE account_id = ?");
    expect(await violations()).toEqual([{ invariant: 'I2', accountId, unit: 'credit', expected: 0, actual: 3 }]);
  });

  it('I3: a number that is missing in the middle', async () => {
    await plant('UPDATE credit_entry SET seq = 9 WHERE account_id = ? AND seq = 2');
    expect(await violations()).toContainEqual({ invariant: 'I3', accountId, unit: 'credit', expected: 4, actual: 9 });
    await plant('DELETE FROM credit_entry WHERE account_id = ? AND seq = 9');
    expect(await violations()).toContainEqual({ invariant: 'I3', accountId, unit: 'credit', expected: 4, actual: 3 });
  });

  it('I3: an account that counts more entries than it has', async () => {
    await plant('UPDATE credit_account SET seq = seq + 1 WHERE id = ?');
    expect(await violations()).toEqual([{ invariant: 'I3', accountId, unit: 'credit', expected: 5, actual: 4 }]);
  });

  it('I4: more held than there is', async () => {
    await plant('UPDATE credit_account SET held = 7 WHERE id = ?');
    await plant('UPDATE credit_hold SET amount = 7 WHERE account_id = ?');
    expect(await violations()).toEqual([{ invariant: 'I4', accountId, unit: 'credit', expected: 6, actual: 7 }]);
  });

  it('I4: less than nothing held', async () => {
    await plant('UPDATE credit_account SET held = -1 WHERE id = ?');
    expect(await violations()).toContainEqual({ invariant: 'I4', accountId, unit: 'credit', expected: 0, actual: -1 });
  });

  it('I5: credits from nowhere, for each unit', async () => {
    // An account right in itself, whose entry names another account that never gave.
    const giver = newId();
    await plant('UPDATE credit_account SET posted = posted + 1, seq = seq + 1 WHERE id = ?');
    await plant(
      `INSERT INTO credit_entry (account_id, seq, kind, amount, balance_after, counter, effective_at, created_at)
       SELECT id, seq, 'transfer', 1, posted, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) FROM credit_account WHERE id = ?`,
      [`account:${giver}`, accountId],
    );
    // Issued 10; spent 1, adjusted in 3, posted 13 and not 12.
    expect(await violations()).toEqual([{ invariant: 'I5', accountId: null, unit: 'credit', expected: 11, actual: 10 }]);
    await plant("UPDATE credit_account SET posted = posted + 5 WHERE unit = 'call'", []);
    expect(await violations()).toContainEqual({ invariant: 'I5', accountId: null, unit: 'call', expected: 105, actual: 100 });
  });

  it('looks at every account, however many there are', async () => {
    await h.openMany(10_050);
    const ids = (await h.db.database.rows<{ id: string }>('SELECT id FROM credit_account ORDER BY id')).map(({ id }) => id);
    expect(await violations()).toEqual([]);
    // The first and last of what one statement looks at, and the last of all.
    const chosen = [ids[0]!, ids[9_999]!, ids[10_000]!, ids.at(-1)!];
    for (const id of chosen) await plant('UPDATE credit_account SET held = held - 1 WHERE id = ?', [id]);
    expect((await violations()).filter(({ invariant }) => invariant === 'I2').map(({ accountId: named }) => named)).toEqual(chosen);
    // Across the ranges a transfer cancels out, and half of one does not.
    await plant('UPDATE credit_account SET held = held + 1 WHERE id IN (?)', [chosen]);
    const [from, to] = [ids[1]!, ids.at(-2)!];
    await h.run(async (tx) => {
      for (const [id, other, amount] of [[from, to, -1], [to, from, 1]] as const) {
        await h.accounts.updatePosted(tx, id, amount);
        await h.accounts.insertEntry(tx, id, { kind: 'transfer', amount, counter: `account:${other}` }, h.clock.now());
      }
    });
    expect(await violations()).toEqual([]);
    await h.run(async (tx) => {
      await h.accounts.updatePosted(tx, to, 1);
      await h.accounts.insertEntry(tx, to, { kind: 'transfer', amount: 1, counter: `account:${from}` }, h.clock.now());
    });
    expect(await violations()).toMatchObject([{ invariant: 'I5', accountId: null, unit: 'credit' }]);
  });

  it('never repairs', async () => {
    await plant('UPDATE credit_account SET held = held + 1 WHERE id = ?');
    const before = await h.account(owner);
    await violations();
    expect(await h.account(owner)).toEqual(before);
  });
});
