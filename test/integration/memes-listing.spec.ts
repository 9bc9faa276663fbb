import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MemeRepository, type ImportedMeme } from '../../src/features/memes/meme.repository.js';
import { MemesService, type MemeListing } from '../../src/features/memes/memes.service.js';
import type { Actor } from '../../src/platform/auth/actor.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import type { PermissionName } from '../../src/platform/auth/permissions.js';
import type { Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { newId } from '../../src/platform/database/columns.js';
import { notFound, requestInvalid } from '../../src/platform/errors/house.errors.js';
import { Cursors } from '../../src/platform/http/cursor.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
let memes: MemesService;
beforeAll(async () => {
  db = await openTestDatabase();
  memes = new MemesService(new MemeRepository(db.database), new Cursors(new SecretKeys({ APP_SECRET: 'x'.repeat(32) } as Config)));
});
beforeEach(() => db.truncate());
afterAll(() => db.close());

const actor = (...permissions: PermissionName[]): Actor => ({ memberId: newId(), role: 'member', permissionVersion: 1, permissions: PermissionSet.of(['memes.read', ...permissions]) });
const member = actor();
const subscriber = actor('memes.ai');

async function given(captions: readonly string[], as: { kind?: string; status?: string } = {}): Promise<string[]> {
  const rows = captions.map((caption): ImportedMeme => ({ id: newId(), externalId: newId().slice(0, 36), template: 'Plant', caption, upper: '', lower: '', imageUrl: '' }));
  await db.transactions.run(async (tx) => {
    await new MemeRepository(db.database).insertImported(tx, rows);
    await tx.write('UPDATE meme SET kind = ?, status = ? WHERE id IN (?)', [as.kind ?? 'normal', as.status ?? 'visible', rows.map(({ id }) => id)]);
  });
  return rows.map(({ id }) => id);
}

async function pages(listing: Partial<MemeListing> = {}, as = member): Promise<string[][]> {
  const found: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await memes.list(as, { limit: 20, ...listing, cursor });
    found.push(page.items.map(({ caption }) => caption));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

describe('listing memes', () => {
  it('gives the newest first, each on one page', async () => {
    await given(['one', 'two', 'three', 'four']);
    expect(await pages({ limit: 2 })).toEqual([['four', 'three'], ['two', 'one']]);
    expect(await pages({ limit: 3 })).toEqual([['four', 'three', 'two'], ['one']]);
  });

  it('does not show again what was on a page before, whatever is added meanwhile', async () => {
    await given(['one', 'two', 'three']);
    const first = await memes.list(member, { limit: 2 });
    await given(['four']);
    const second = await memes.list(member, { limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ caption }) => caption)).toEqual(['three', 'two', 'one']);
  });

  it('hides what is hidden or waits for a moderator', async () => {
    await given(['seen']);
    const unseen = [...(await given(['hidden'], { status: 'hidden' })), ...(await given(['pending'], { status: 'pending' }))];
    expect(await pages()).toEqual([['seen']]);
    for (const id of unseen) await expect(memes.get(member, id)).rejects.toMatchObject({ code: notFound.code });
  });

  it('lets generated memes exist only for those entitled to them', async () => {
    const [id] = await given(['generated'], { kind: 'ai' });
    await given(['drawn']);
    expect(await pages()).toEqual([['drawn']]);
    expect(await pages({ kind: 'ai' })).toEqual([[]]);
    expect(await pages({ query: 'generated' })).toEqual([[]]);
    await expect(memes.get(member, id!)).rejects.toMatchObject({ code: notFound.code });

    expect(await pages({}, subscriber)).toEqual([['drawn', 'generated']]);
    expect(await pages({ kind: 'ai' }, subscriber)).toEqual([['generated']]);
    expect(await pages({ kind: 'normal' }, subscriber)).toEqual([['drawn']]);
    expect(await memes.get(subscriber, id!)).toMatchObject({ caption: 'generated', kind: 'ai' });
  });

  it('refuses a cursor that it did not make', async () => {
    await expect(memes.list(member, { limit: 2, cursor: 'WyIwIl0.AAAA' })).rejects.toMatchObject({ code: requestInvalid.code });
  });
});
