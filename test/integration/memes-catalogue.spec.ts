import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { MemeAnswers } from '../../src/features/memes/catalogue/meme-answers.service.js';
import { MemeCatalogue } from '../../src/features/memes/catalogue/meme-catalogue.service.js';
import type { SearchMemesQuery } from '../../src/features/memes/dto/search-memes-query.dto.js';
import type { MemeKind, MemeStatus } from '../../src/features/memes/entities/meme.js';
import { MemeImporter } from '../../src/features/memes/importing/meme-importer.service.js';
import { PlaceNames } from '../../src/features/memes/places/place-names.service.js';
import { MemeChanges } from '../../src/features/memes/meme-changes.service.js';
import { MemeFeedRepository } from '../../src/features/memes/meme-feed.repository.js';
import { MemeRepository } from '../../src/features/memes/meme.repository.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import type { Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { newId } from '../../src/platform/database/columns.js';
import type { Reader, Tx } from '../../src/platform/database/transactions.js';
import { notFound, requestInvalid } from '../../src/platform/errors/house.errors.js';
import type { Answer } from '../../src/platform/http/answer.js';
import { Cursors } from '../../src/platform/http/cursor.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { newMeme } from '../support/given-memes.js';

/** A process of Plaza, as far as it reads and writes memes. */
class Process {
  readonly memes: MemeRepository;
  readonly changes = new MemeChanges(new MemeFeedRepository());
  readonly catalogue: MemeCatalogue;
  readonly answers: MemeAnswers;

  constructor(
    readonly database: TestDatabase,
    feed = new MemeFeedRepository(),
  ) {
    this.memes = new MemeRepository(database.database);
    this.catalogue = new MemeCatalogue(database.transactions, database.database, this.memes, feed, this.changes);
    this.answers = new MemeAnswers(this.catalogue, new Cursors(new SecretKeys({ APP_SECRET: 'x'.repeat(32) } as Config)));
  }

  /** One whose catalogue is loaded and follows the feed. */
  static async started(database = db, feed = new MemeFeedRepository()): Promise<Process> {
    const process = new Process(database, feed);
    running.push(process);
    process.catalogue.onApplicationBootstrap();
    await process.catalogue.whenLoaded(() => undefined);
    return process;
  }

  change<T>(work: (tx: Tx, seq: number) => Promise<T>): Promise<T> {
    return this.database.transactions.run(async (tx) => work(tx, await this.changes.number(tx)));
  }

  async post(caption: string, { kind = 'normal' as MemeKind, template = 'Plant', tags = [] as string[] } = {}): Promise<string> {
    const id = newId();
    await this.change((tx, seq) => this.insert(tx, seq, { id, caption, kind, template, tags }));
    return id;
  }

  insert(tx: Tx, seq: number, meme: { id: string; caption: string; kind: MemeKind; template: string; tags: string[] }): Promise<void> {
    return this.memes.insert(tx, seq, newMeme(meme));
  }

  setStatus(id: string, status: MemeStatus): Promise<unknown> {
    return this.change((tx, seq) => tx.write('UPDATE meme SET status = ?, change_seq = ? WHERE id = ?', [status, seq, id]));
  }

  import(captions: readonly string[]) {
    const header = 'Meme ID\tArchived URL\tBase Meme Name\tMeme Page URL\tMD5 Hash\tFile Size (In Bytes)\tAlternate Text\tDisplay Name\tUpper Text\tLower Text';
    const rows = captions.map((caption, at) => [at + 1, 'https://example.org/1.jpg', 'Plant', 'https://example.org/1', '0'.repeat(32), 1, caption, 'Plant', '', ''].join('\t'));
    return new MemeImporter(this.database.transactions, this.memes, this.changes, new PlaceNames()).import(Readable.from([Buffer.from([header, ...rows, ''].join('\r\n'))]));
  }

  async list(query: Partial<SearchMemesQuery> = {}, permissions = member): Promise<List> {
    return bodyOf(await this.answers.list(permissions, { fuzzy: false, sort: 'relevance', limit: 50, ...query })) as List;
  }

  async captions(query: Partial<SearchMemesQuery> = {}, permissions = member): Promise<string[]> {
    return (await this.list(query, permissions)).items.map(({ caption }) => caption);
  }
}

interface List {
  items: { id: string; caption: string; kind: string }[];
  nextCursor: string | null;
  corrected?: string;
}

const bodyOf = (answer: Answer): unknown => JSON.parse(answer.body as string);
const member = PermissionSet.of(['memes.read']);
const subscriber = PermissionSet.of(['memes.read', 'memes.ai']);

let db: TestDatabase;
let running: Process[] = [];
beforeAll(async () => {
  db = await openTestDatabase();
});
beforeEach(() => db.truncate());
afterEach(async () => {
  await Promise.all(running.map(({ catalogue }) => catalogue.beforeApplicationShutdown()));
  running = [];
});
afterAll(() => db.close());

/** Opens and closes by hand. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** A feed whose reader is held up, when it is asked to, between reading the number and hearing of it. */
class HeldFeed extends MemeFeedRepository {
  private held: { read: () => void; release: Promise<void> } | undefined;

  /** Holds up the next reading. */
  hold(): { read: Promise<void>; release: () => void } {
    const read = gate();
    const release = gate();
    this.held = { read: read.open, release: release.opened };
    return { read: read.opened, release: release.open };
  }

  override async last(reader: Reader): Promise<number> {
    const seq = await super.last(reader);
    const { held } = this;
    this.held = undefined;
    held?.read();
    await held?.release;
    return seq;
  }
}

describe('the catalogue', () => {
  it('begins with the visible memes of the database', async () => {
    const writer = new Process(db);
    await writer.post('one');
    for (const status of ['hidden', 'pending', 'deleted'] as const) await writer.setStatus(await writer.post(status), status);
    await writer.post('two', { kind: 'ai' });
    const reader = await Process.started();
    expect(await reader.captions()).toEqual(['one']);
    expect(await reader.captions({}, subscriber)).toEqual(['two', 'one']);
  });

  it('lets requests wait until it is loaded', async () => {
    await new Process(db).post('early');
    const process = new Process(db);
    running.push(process);
    const answers = Promise.all([process.captions(), process.captions({ query: 'early' }), process.answers.templates(member, { limit: 5 })]);
    process.catalogue.onApplicationBootstrap();
    const [listed, found] = await answers;
    expect([listed, found]).toEqual([['early'], ['early']]);
  });

  it('loads more than one page of them', async () => {
    await new Process(db).import(Array.from({ length: 1_203 }, (_, at) => `number ${at}`));
    const { catalogue } = await Process.started();
    expect(catalogue.of(['normal'])[0]!.index.size).toBe(1_203);
  });

  it('has what this process changed as soon as the change is made', async () => {
    const process = await Process.started();
    const id = await process.post('first words');
    expect(await process.captions({ query: 'words' })).toEqual(['first words']);

    await process.change((tx, seq) => tx.write("UPDATE meme SET caption = 'other text', likes = 3, change_seq = ? WHERE id = ?", [seq, id]));
    expect(await process.captions({ query: 'words' })).toEqual([]);
    expect(await process.list({ query: 'other' })).toMatchObject({ items: [{ id, caption: 'other text', likes: 3 }] });

    for (const status of ['hidden', 'pending'] as const) {
      await process.setStatus(id, status);
      expect(await process.captions()).toEqual([]);
      expect(() => process.answers.get(member, id)).toThrow(expect.objectContaining({ code: notFound.code }));
      await process.setStatus(id, 'visible');
      expect(await process.captions()).toEqual(['other text']);
    }
    await process.setStatus(id, 'deleted');
    expect(await process.captions()).toEqual([]);
  });

  it('hears of what other processes change', async () => {
    const process = await Process.started();
    const other = new Process(db);
    const id = await other.post('from elsewhere');
    await eventually(async () => expect(await process.captions({ query: 'elsewhere' })).toEqual(['from elsewhere']));
    await other.setStatus(id, 'deleted');
    await eventually(async () => expect(await process.captions()).toEqual([]));
  });

  it('does not miss a transaction that commits late', async () => {
    const process = await Process.started();
    const slow = new Process(db);
    const numbered = gate();
    const commit = gate();
    const order: string[] = [];
    const late = slow
      .change(async (tx, seq) => {
        await slow.insert(tx, seq, { id: newId(), caption: 'late', kind: 'normal', template: 'Plant', tags: [] });
        numbered.open();
        await commit.opened;
      })
      .then(() => order.push('late'));
    await numbered.opened;
    // Whoever takes the next number waits for the one who has this one: so no later number is ever seen before it.
    const quick = process.post('quick').then(() => order.push('quick'));
    for (let round = 0; round < 20; round += 1) await process.catalogue.refresh();
    expect([await process.captions(), order]).toEqual([[], []]);
    commit.open();
    await Promise.all([late, quick]);
    await process.catalogue.refresh();
    expect((await process.captions()).sort()).toEqual(['late', 'quick']);
    const rows = await db.database.rows<{ caption: string }>('SELECT caption FROM meme ORDER BY change_seq');
    expect(rows.map(({ caption }) => caption)).toEqual(['late', 'quick']);
  });

  it('has everything in the end, however many write at once', async () => {
    const [one, two] = await Promise.all([Process.started(), Process.started()]);
    const posted = await Promise.all(Array.from({ length: 40 }, (_, at) => [one, two][at % 2]!.post(`meme ${at}`)));
    await Promise.all(posted.slice(0, 20).map((id, at) => [two, one][at % 2]!.setStatus(id, 'hidden')));
    await Promise.all([one.catalogue.refresh(), two.catalogue.refresh()]);
    const visible = posted.slice(20).sort().reverse();
    for (const { answers } of [one, two]) {
      const { items } = bodyOf(await answers.list(member, { fuzzy: false, sort: 'new', limit: 50 })) as List;
      expect(items.map(({ id }) => id)).toEqual(visible);
    }
  });

  it('does not take a reading that began before a change for one that saw it', async () => {
    const feed = new HeldFeed();
    const process = await Process.started(db, feed);
    await process.catalogue.refresh();
    const { read, release } = feed.hold();
    const early = process.catalogue.refresh();
    await read;
    await new Process(db).post('between');
    const late = process.catalogue.refresh();
    release();
    await early;
    await late;
    expect(await process.captions()).toEqual(['between']);
  });

  it('follows a change of more memes than are read at once', async () => {
    const process = await Process.started();
    await process.import(Array.from({ length: 1_203 }, (_, at) => `number ${at}`));
    await process.change((tx, seq) => tx.write("UPDATE meme SET status = 'hidden', change_seq = ?", [seq]));
    expect(process.catalogue.of(['normal'])[0]!.index.size).toBe(0);
  });

  it('begins anew when the database was emptied or restored', async () => {
    const process = await Process.started();
    await process.post('before');
    await process.post('the end');
    await db.truncate();
    await new Process(db).post('after');
    await process.catalogue.refresh();
    expect(await process.captions()).toEqual(['after']);
    await process.post('and on');
    expect(await process.captions()).toEqual(['and on', 'after']);
  });

  it('answers while thousands of rows are imported, and has them all afterwards', async () => {
    const process = await Process.started();
    const other = new Process(db);
    const importing = other.import(Array.from({ length: 3_000 }, (_, at) => `imported number ${at}`));
    let seen = 0;
    let done = false;
    void importing.finally(() => (done = true));
    while (!done) {
      await process.catalogue.refresh();
      const { items } = await process.list({ query: 'imported', limit: 50 });
      expect(items.length).toBeGreaterThanOrEqual(Math.min(50, seen));
      seen = Math.max(seen, items.length);
    }
    await importing;
    await process.catalogue.refresh();
    expect(process.catalogue.of(['normal'])[0]!.index.size).toBe(3_000);
    expect(await process.captions({ query: 'number 2999', limit: 1 })).toEqual(['imported number 2999']);
  });

  it('goes on with what it knows while the database is away, and says so once', async () => {
    const own = await openTestDatabase();
    const process = await Process.started(own);
    await process.post('still here');
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await own.close();
    for (let round = 0; round < 3; round += 1) await process.catalogue.refresh();
    expect(await process.captions({ query: 'still' })).toEqual(['still here']);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('can be stopped at any moment', async () => {
    await new Process(db).import(Array.from({ length: 1_000 }, (_, at) => `number ${at}`));
    const process = new Process(db);
    process.catalogue.onApplicationBootstrap();
    await process.catalogue.beforeApplicationShutdown();
    await new Process(db).catalogue.beforeApplicationShutdown();
  });
});

describe('the state of the catalogue', () => {
  const etagOf = async ({ answers }: Process, permissions = member) => (await answers.list(permissions, { fuzzy: false, sort: 'new', limit: 5 })).headers['ETag'];

  it('is the same in every process that has the same memes, and after every change another', async () => {
    const one = await Process.started();
    const seen = new Set([await etagOf(one)]);
    const id = await one.post('one');
    for (const change of [() => one.post('two'), () => one.setStatus(id, 'hidden'), () => one.setStatus(id, 'visible')]) {
      const late = await Process.started();
      expect(await etagOf(late)).toBe(await etagOf(one));
      seen.add(await etagOf(one));
      await change();
    }
    seen.add(await etagOf(one));
    expect(seen.size).toBe(5);
  });

  it('does not tell of memes that are not visible, nor of generated ones to those who must not know', async () => {
    const process = await Process.started();
    await process.post('seen');
    const before = [await etagOf(process), JSON.stringify((await process.list()).items)];
    const generated = await process.post('generated', { kind: 'ai' });
    await process.setStatus(generated, 'hidden');
    await process.setStatus(generated, 'visible');
    expect([await etagOf(process), JSON.stringify((await process.list()).items)]).toEqual(before);
    expect(await etagOf(process, subscriber)).not.toBe(before[0]);
  });

  it('is made of nothing that the caller must not know of: answers are the same whether generated memes exist or not', async () => {
    /** By a process that has just begun, and so has kept no answer. */
    const everything = async (permissions: PermissionSet) => {
      const { answers } = await Process.started();
      const search = (query: Partial<SearchMemesQuery>) => answers.list(permissions, { fuzzy: true, sort: 'relevance', limit: 2, ...query });
      const all = await Promise.all([
        search({}), search({ query: 'canary' }), search({ query: 'canray' }), search({ query: 'desk' }), search({ query: 'c' }), search({ template: 'canary' }), search({ sort: 'new' }),
        search({ kind: 'ai' }), search({ kind: 'normal' }), answers.trending(permissions, { limit: 2 }), answers.templates(permissions, { limit: 5 }), answers.templates(permissions, { limit: 5, query: 'can' }),
        ...['', 'can', 'canray', 'desk', 'd'].map((q) => answers.suggest(permissions, { q, limit: 5 })),
      ]);
      return all.map(({ body, headers }) => [String(body).replace(/"tookMicros":\d+/, ''), headers]);
    };
    const writer = new Process(db);
    for (let at = 0; at < 3; at += 1) await writer.post(`plant on a desk ${at}`, { template: 'Plant' });
    const without = await everything(member);
    const unlike = await everything(subscriber);
    await writer.post('canary on a desk', { kind: 'ai', template: 'Canary', tags: ['canary'] });
    expect(await everything(member)).toEqual(without);
    expect(await everything(subscriber)).not.toEqual(unlike);
  });
});

describe('pages', () => {
  async function read(process: Process, query: Partial<SearchMemesQuery>, between: () => Promise<unknown> = async () => undefined): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await process.list({ limit: 3, ...query, cursor });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      await between();
    } while (cursor !== undefined);
    return ids;
  }

  async function readTemplates({ answers }: Process, limit: number): Promise<string[]> {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = bodyOf(await answers.templates(member, { limit, cursor })) as { items: { name: string; memes: number }[]; nextCursor: string | null };
      names.push(...page.items.map(({ name, memes }) => `${name} ${memes}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return names;
  }

  it.each<Partial<SearchMemesQuery>>([{}, { query: 'teapot' }, { query: 'teapto cup', fuzzy: true }, { sort: 'trending' }, { sort: 'new', template: 'plant' }])('of %j joined are the whole list, whatever is added meanwhile', async (query) => {
    const process = await Process.started();
    for (let at = 0; at < 11; at += 1) await process.post(`teapot ${'cup '.repeat(at % 3)}${at}`);
    const whole = (await process.list(query)).items.map(({ id }) => id);
    expect(whole).toHaveLength(11);
    expect(await read(process, query)).toEqual(whole);
    const joined = await read(process, query, () => process.post('teapot cup again'));
    expect(joined.filter((id) => whole.includes(id))).toEqual(whole);
    expect(new Set(joined).size).toBe(joined.length);
  });

  it('go on only in the list that they come from', async () => {
    const process = await Process.started();
    for (let at = 0; at < 5; at += 1) await process.post('tea');
    const query: SearchMemesQuery = { query: 'tea', fuzzy: false, sort: 'relevance', limit: 2 };
    const cursor = (await process.list(query)).nextCursor!;
    expect((await process.list({ ...query, limit: 5, cursor })).items).toHaveLength(3);
    const others: Partial<SearchMemesQuery>[] = [
      { query: 'tea ' }, { fuzzy: true }, { lat: 1, lon: 1 }, { lat: 0, lon: 0 }, { template: 'Plant' }, { rating: 'unrated' }, { sort: 'new' }, { kind: 'ai' },
      { lat: 0, lon: 0, radiusKm: 5 }, { cursor: `${cursor}A` }, { cursor: 'x' },
    ];
    for (const other of others) expect(() => process.answers.list(member, { ...query, cursor, ...other })).toThrow(expect.objectContaining({ code: requestInvalid.code }));
    // Whose rights differ sees another list.
    expect(() => process.answers.list(subscriber, { ...query, cursor })).toThrow(expect.objectContaining({ code: requestInvalid.code }));
    expect(() => process.answers.trending(member, { limit: 2, cursor })).toThrow(expect.objectContaining({ code: requestInvalid.code }));
    expect(() => process.answers.templates(member, { limit: 2, cursor })).toThrow(expect.objectContaining({ code: requestInvalid.code }));
  });

  it('of templates joined are all of them, those with most memes first', async () => {
    const process = await Process.started();
    for (const [name, memes] of [['Owl', 2], ['Cat', 3], ['Bee', 2], ['Élan', 1], ['Ant', 1]] as const) for (let at = 0; at < memes; at += 1) await process.post('x', { template: name });
    for (const limit of [1, 2, 3]) expect(await readTemplates(process, limit)).toEqual(['Cat 3', 'Bee 2', 'Owl 2', 'Ant 1', 'Élan 1']);
    expect(bodyOf(await process.answers.templates(member, { limit: 2, query: 'ELA' }))).toEqual({ items: [{ name: 'Élan', memes: 1, imageUrl: '/api/memes/render/%C3%89lan/_/_.jpg' }], nextCursor: null });
    await process.post('x', { template: 'Ant' });
    await process.post('x', { template: 'Ant' });
    await process.post('x', { template: 'Ant' });
    expect(bodyOf(await process.answers.templates(member, { limit: 1 }))).toMatchObject({ items: [{ name: 'Ant', memes: 4 }] });
  });
});

describe('answers', () => {
  it('are found anew after a change, and carry their own time', async () => {
    const process = await Process.started();
    await process.post('tea');
    const first = await process.list({ query: 'tea' });
    const second = await process.list({ query: 'tea' });
    expect(second).toEqual({ ...first, tookMicros: expect.any(Number) });
    await process.post('more tea');
    expect(await process.captions({ query: 'tea' })).toHaveLength(2);
  });

  it('give any meme, each now and then, of the kinds that the caller may see', async () => {
    const process = await Process.started();
    expect(() => process.answers.random(member)).toThrow(expect.objectContaining({ code: notFound.code }));
    const generated = await process.post('generated', { kind: 'ai' });
    expect(() => process.answers.random(member)).toThrow(expect.objectContaining({ code: notFound.code }));
    const drawn = [await process.post('one'), await process.post('two')];
    const drawAll = async (permissions: PermissionSet) => {
      const ids = new Set<string>();
      for (let at = 0; at < 200; at += 1) ids.add((bodyOf(await process.answers.random(permissions)) as { id: string }).id);
      return [...ids].sort();
    };
    expect(await drawAll(member)).toEqual(drawn);
    expect(await drawAll(subscriber)).toEqual([generated, ...drawn]);
  });
});
