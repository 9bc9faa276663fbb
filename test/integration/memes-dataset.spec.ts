import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MemeRepository, type MemeFilter } from '../../src/features/memes/meme.repository.js';
import { MemesDataset } from '../../src/features/memes/memes.dataset.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { newId } from '../../src/platform/database/columns.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import type { DatasetFilter, DatasetRequest, Row } from '../../src/platform/datasets/dataset.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
let memes: MemeRepository;
const datasets = new Datasets();
beforeAll(async () => {
  db = await openTestDatabase();
  memes = new MemeRepository(db.database);
  new MemesDataset(datasets, memes).onModuleInit();
});
beforeEach(() => db.truncate());
afterAll(() => db.close());

interface Given { caption?: string; template?: string; kind?: string; status?: string; rating?: string; tags?: string; place?: [number, number] }

async function given({ caption = 'Hello', template = 'Plant', kind = 'normal', status = 'visible', rating = 'unrated', tags = '', place }: Given = {}): Promise<string> {
  const id = newId();
  await db.transactions.run((tx) =>
    tx.write(
      `INSERT INTO meme (id, template, caption, \`upper\`, \`lower\`, image_url, lat, lon, tags, rating, kind, status, likes, created_at)
       VALUES (?, ?, ?, '', '', '', ?, ?, ?, ?, ?, ?, 0, UTC_TIMESTAMP(3))`,
      [id, template, caption, place?.[0] ?? null, place?.[1] ?? null, tags, rating, kind, status],
    ),
  );
  return id;
}

const member = PermissionSet.of(['memes.read']);
const subscriber = PermissionSet.of(['memes.read', 'memes.ai']);
const request = (filters: DatasetRequest['filters'] = {}, permissions = member): DatasetRequest => ({ memberId: newId(), permissions, filters });
const dataset = () => datasets.find('memes')!;
const filterChoices = ({ values }: DatasetFilter) => values as (permissions: PermissionSet) => readonly string[];

async function readAll(of = request(), pageSize = 2, between: () => Promise<unknown> = async () => undefined): Promise<Row[]> {
  return db.transactions.snapshot(async (snapshot) => {
    const rows: Row[] = [];
    for await (const page of dataset().pages(snapshot, of, pageSize)) {
      expect(page.length).toBeLessThanOrEqual(pageSize);
      rows.push(...page);
      await between();
    }
    expect(await dataset().count(snapshot, of)).toBe(rows.length);
    return rows;
  });
}

describe('the dataset of memes', () => {
  it('gives every visible meme once, in pages, as its columns say', async () => {
    const made = [await given({ tags: 'plant,office', place: [52.5, 13.4] }), await given(), await given(), await given()];
    const rows = await readAll();
    expect(rows.map((row) => row.id)).toEqual(made);
    expect(rows[0]).toMatchObject({ tags: 'plant,office', lat: 52.5, lon: 13.4, externalId: null, language: null, likes: 0, createdAt: expect.any(Date) });
    for (const row of rows) expect(Object.keys(row)).toEqual(dataset().columns.map(({ name }) => name));
  });

  it('never gives hidden or pending memes', async () => {
    for (const kind of ['normal', 'ai']) for (const status of ['hidden', 'pending']) await given({ status, kind });
    const visible = await given();
    for (const permissions of [member, subscriber]) expect((await readAll(request({}, permissions))).map((row) => row.id)).toEqual([visible]);
  });

  it('lets generated memes exist only for those entitled to them, filters included', async () => {
    const generated = await given({ kind: 'ai', caption: 'canary' });
    const drawn = await given({ caption: 'drawn' });
    const idsFor = async (permissions: PermissionSet, filters: DatasetRequest['filters'] = {}) => (await readAll(request(filters, permissions))).map((row) => row.id);
    expect(await idsFor(subscriber)).toEqual([generated, drawn]);
    expect(await idsFor(subscriber, { kind: 'ai' })).toEqual([generated]);
    expect(await idsFor(subscriber, { kind: 'normal' })).toEqual([drawn]);
    expect(await idsFor(member)).toEqual([drawn]);
    expect(await idsFor(member, { kind: 'ai' })).toEqual([]);
    expect(await idsFor(member, { query: 'canary' })).toEqual([]);
    const kinds = filterChoices(dataset().filters.find(({ name }) => name === 'kind')!);
    expect([kinds(member), kinds(subscriber)]).toEqual([['normal'], ['normal', 'ai']]);
  });

  it('stays at its snapshot while memes are added', async () => {
    await given();
    await given();
    await given();
    expect(await readAll(request(), 1, given)).toHaveLength(3);
  });

  it('keeps to its filters', async () => {
    const plant = await given({ caption: 'The PLANT needs água' });
    const cat = await given({ caption: 'needs food', template: 'Cat', rating: 'safe' });
    expect((await readAll(request({ query: 'agua needs' }))).map((row) => row.id)).toEqual([plant]);
    expect((await readAll(request({ template: 'Cat' }))).map((row) => row.id)).toEqual([cat]);
    expect((await readAll(request({ rating: 'safe' }))).map((row) => row.id)).toEqual([cat]);
    expect((await readAll(request({ query: 'needs cat' }))).map((row) => row.id)).toEqual([cat]);
  });

  it('with generated memes in it is for the entitled only', () => {
    const mayReadAllOf = (shown: PermissionSet, filters: DatasetRequest['filters'], permissions: PermissionSet) => dataset().mayReadAllOf!({ permissions: shown, filters }, permissions);
    expect(mayReadAllOf(subscriber, {}, member)).toBe(false);
    expect(mayReadAllOf(subscriber, { kind: 'ai' }, member)).toBe(false);
    expect(mayReadAllOf(subscriber, { kind: 'normal' }, member)).toBe(true);
    expect(mayReadAllOf(subscriber, {}, subscriber)).toBe(true);
    expect(mayReadAllOf(member, {}, member)).toBe(true);
  });

  it('may be read by those who may read memes', () => {
    expect(dataset().mayRead(PermissionSet.of(['memes.read']))).toBe(true);
    expect(dataset().mayRead(PermissionSet.of(['credits.read', 'memes.ai']))).toBe(false);
  });
});

describe('looking for words', () => {
  const find = async (words: string[], filter: Partial<MemeFilter> = {}) =>
    (await memes.listAfter(db.database, { kinds: ['normal'], words, ...filter }, { limit: 50 })).map(({ caption }) => caption);

  it.each([['100%'], ['a_b'], ['bang!'], ['back\\slash'], ["it's"]])('takes %j for what it is', async (word) => {
    await given({ caption: `says ${word} here` });
    await given({ caption: 'says 100 acb bang backslash its here' });
    expect(await find([word])).toEqual([`says ${word} here`]);
  });

  it('wants every word, in the caption or in the template', async () => {
    await given({ caption: 'one two', template: 'Three' });
    await given({ caption: 'one', template: 'Two' });
    await given({ caption: 'one', template: 'Four' });
    expect(await find(['ONE', 'two'])).toEqual(['one two', 'one']);
  });

  it('finds nothing when no kind may be read', async () => {
    await given();
    expect(await find([], { kinds: [] })).toEqual([]);
  });
});
