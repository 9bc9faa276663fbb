import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ExportSources } from '../../src/features/exports/export-sources.service.js';
import type { ExportRecord } from '../../src/features/exports/exports.types.js';
import type { Actor } from '../../src/platform/auth/actor.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import type { PermissionName } from '../../src/platform/auth/permissions.js';
import type { Snapshot } from '../../src/platform/database/transactions.js';
import type { Dataset, DatasetRequest, Row } from '../../src/platform/datasets/dataset.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { MemoryDataset, openExports, type ExportsHarness } from '../support/exports-harness.js';
import { unzipped } from '../support/unzipped.js';

const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, n) => ({ number: n, text: `row ${n}`, at: new Date(Date.UTC(2026, 0, 1) + n) }));
const COLUMNS = [{ name: 'number', type: 'integer' }, { name: 'text', type: 'string' }, { name: 'at', type: 'instant' }];

/** A member's own rows, for those who hold one permission. */
class PersonalDataset extends MemoryDataset {
  override personal = true;

  constructor(name: string, rows: readonly Row[], private readonly permission: PermissionName = 'exports.order') {
    super(name, rows);
  }

  override mayRead(permissions?: PermissionSet): boolean {
    return permissions?.has(this.permission) === true;
  }
}

/** How many rows the table task_run has when its turn comes. */
class CountingDataset implements Dataset {
  readonly personal = true;
  readonly columns = [{ name: 'rows', type: 'integer' }] as const;
  readonly filters = [];

  constructor(readonly name: string, private readonly before: () => Promise<unknown>) {}

  mayRead(): boolean {
    return true;
  }

  async count(): Promise<number> {
    return 1;
  }

  async *pages(snapshot: Snapshot): AsyncGenerator<readonly Row[]> {
    yield await snapshot.rows('SELECT COUNT(*) AS `rows` FROM task_run');
    await this.before();
  }
}

// Failures are provoked here, and logged as they should be: not into the test report.
Logger.overrideLogger(false);

describe('the copy of everything', () => {
  let plaza: ExportsHarness;
  let notes: PersonalDataset;
  let mia: Actor;

  const order = (actor = mia): Promise<ExportRecord> => plaza.order(actor, { source: 'everything', format: undefined });
  /** Runs the next export in the queue to its end. */
  const runNext = async (): Promise<void> => plaza.exportRun.run((await plaza.claims.next())!, new AbortController().signal);
  const made = async (actor = mia): Promise<ExportRecord> => {
    const { id } = await order(actor);
    await runNext();
    return plaza.exports.get(actor.memberId, id);
  };
  const filesOf = async (record: ExportRecord) => unzipped(await buffer(plaza.read(record)));
  const manifestOf = (files: Map<string, Buffer>) =>
    JSON.parse(files.get('manifest.json')!.toString()) as { source: string; snapshotAt: string; files: { name: string; source: string; columns: object[]; rows: number; bytes: number; sha256: string }[] };
  /** The same member by a token, or with an entitlement: with other permissions. */
  const as = (...names: PermissionName[]): Actor => ({ ...mia, permissions: PermissionSet.of(names) });
  const refusal = (actor = mia) => order(actor).then(() => undefined, (error: unknown) => error as { code: string; details: { retryAt: string } });
  const atMidnight = (): void => plaza.credits.clock.set(plaza.credits.clock.nextMidnight());

  beforeEach(async () => {
    plaza = await openExports();
    notes = new PersonalDataset('notes', rowsOf(25));
    plaza.datasets.register(notes);
    mia = await plaza.member();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await plaza.settled();
    const violations = await plaza.violations();
    await plaza.close();
    expect(violations).toEqual([]);
  });

  describe('contains', () => {
    it('every dataset that is the member\'s own, each as ndjson, and a list of them; also one that a feature adds later', async () => {
      plaza.datasets.register(new PersonalDataset('letters', rowsOf(2_100)));
      plaza.datasets.register(new PersonalDataset('nothing-yet', []));
      plaza.datasets.register(new MemoryDataset('everybodys', rowsOf(3)));
      const done = await made();
      expect(done).toMatchObject({ state: 'succeeded', source: 'everything', format: 'ndjson', compression: 'zip', rowsDone: 2_125, rowsEstimated: 2_125 });
      const bytes = await buffer(plaza.read(done));
      expect({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }).toEqual({ bytes: done.bytes, sha256: done.sha256 });

      const files = await filesOf(done);
      expect([...files.keys()]).toEqual(['letters.ndjson', 'notes.ndjson', 'nothing-yet.ndjson', 'manifest.json']);
      const lines = files.get('letters.ndjson')!.toString().trimEnd().split('\n').map((line) => JSON.parse(line) as object);
      expect(lines).toEqual(JSON.parse(JSON.stringify(rowsOf(2_100))));
      expect(files.get('nothing-yet.ndjson')).toHaveLength(0);

      const manifest = manifestOf(files);
      expect(manifest).toMatchObject({ source: 'everything', snapshotAt: done.snapshotAt!.toISOString() });
      expect(manifest.files).toEqual(['letters', 'notes', 'nothing-yet'].map((source) => {
        const content = files.get(`${source}.ndjson`)!;
        return {
          name: `${source}.ndjson`, source, columns: COLUMNS, rows: content.toString().split('\n').length - 1,
          bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'),
        };
      }));
    });

    it('one moment: what is written while it reads is in none of its files', async () => {
      const insert = () => plaza.credits.run((tx) => tx.write('INSERT INTO task_run (task, period, started_at) VALUES (\'t\', \'p\', UTC_TIMESTAMP(3))'));
      plaza.datasets.register(new CountingDataset('counted-first', insert));
      plaza.datasets.register(new CountingDataset('counted-second', async () => undefined));
      const files = await filesOf(await made());
      for (const name of ['counted-first', 'counted-second']) expect(files.get(`${name}.ndjson`)!.toString()).toBe('{"rows":0}\n');
    });

    it('the rows of its orderer, read with the permissions of the order', async () => {
      const seen: DatasetRequest[] = [];
      notes.seen = (request) => void seen.push(request);
      await made(as('exports.order', 'memes.ai'));
      expect(seen).toHaveLength(2);
      for (const { memberId, permissions } of seen) expect([memberId, permissions.names()]).toEqual([mia.memberId, ['exports.order', 'memes.ai']]);
    });
  });

  describe('belongs to those who may read all of it', () => {
    beforeEach(() => plaza.datasets.register(new PersonalDataset('keys', rowsOf(1), 'account.manage')));

    it('so it leaves out what its orderer may not read, and they get nothing of a fuller one', async () => {
      const token = as('exports.order');
      const narrow = await made(token);
      expect([...(await filesOf(narrow)).keys()]).toEqual(['notes.ndjson', 'manifest.json']);
      atMidnight();
      const full = await made();
      expect([...(await filesOf(full)).keys()]).toEqual(['keys.ndjson', 'notes.ndjson', 'manifest.json']);
      await expect(plaza.downloads.link(token, full.id)).rejects.toMatchObject({ code: 'export.source-forbidden' });
      await plaza.downloads.link(token, narrow.id);
      await plaza.downloads.link(mia, narrow.id);
      await plaza.downloads.link(mia, full.id);
    });

    it('so the same order by a narrower token is another one, though never a second copy of the day', async () => {
      const { id } = await order();
      expect((await order()).id).toBe(id);
      expect(await refusal(as('exports.order'))).toMatchObject({ code: 'export.quota' });
    });

    it('so who may read nothing of it can neither find nor order it', async () => {
      const blind = as('memes.read');
      expect(plaza.orders.sources(blind).map(({ name }) => name)).not.toContain('everything');
      expect(await refusal(blind)).toMatchObject({ code: 'export.source-forbidden' });
      expect(plaza.orders.sources(mia).map(({ name }) => name)).toEqual(['everything', 'keys', 'notes']);
    });
  });

  describe('is free', () => {
    it('for a member without a credit, and takes nothing from one who has some', async () => {
      const poor = await plaza.member(0);
      for (const member of [poor, mia]) expect(await made(member)).toMatchObject({ state: 'succeeded', holdId: null });
      expect(await plaza.available(poor)).toBe(0);
      expect(await plaza.available(mia)).toBe(5);
      expect((await plaza.credits.book({ kind: 'member', id: mia.memberId })).map(({ kind }) => kind)).toEqual(['signup']);
    });

    it('once in one of the community\'s days: the next is refused until midnight', async () => {
      await made();
      expect(await refusal()).toMatchObject({ code: 'export.quota', details: { retryAt: plaza.credits.clock.nextMidnight().toISOString() } });
      expect((await plaza.exports.list(mia.memberId, { limit: 10 })).items).toHaveLength(1);
      atMidnight();
      expect(await made()).toMatchObject({ state: 'succeeded' });
      expect(await refusal()).toMatchObject({ code: 'export.quota' });
      expect(await made(await plaza.member())).toMatchObject({ state: 'succeeded' });
    });

    it('once, however many different ones are ordered at the same time', async () => {
      const actors = [as('exports.order'), ...(['memes.ai', 'memes.read', 'credits.read', 'polls.manage', 'profile.edit'] as const).map((name) => as('exports.order', name))];
      const outcomes = await Promise.allSettled(actors.map((actor) => order(actor)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'export.quota' });
    });

    it('apart from what is paid: neither uses the other\'s day up', async () => {
      const rich = await plaza.member(50);
      for (let n = 0; n < 20; n += 1) await plaza.exports.cancel(rich, (await plaza.order(rich, { source: 'notes' })).id);
      await expect(plaza.order(rich, { source: 'notes' })).rejects.toMatchObject({ code: 'export.quota' });
      await made(rich);
      // A new day begins for both, whichever of them is ordered first.
      atMidnight();
      await plaza.exports.cancel(rich, (await plaza.order(rich, { source: 'notes' })).id);
      await made(rich);
      for (let n = 1; n < 20; n += 1) await plaza.exports.cancel(rich, (await plaza.order(rich, { source: 'notes' })).id);
      await expect(plaza.order(rich, { source: 'notes' })).rejects.toMatchObject({ code: 'export.quota' });
      atMidnight();
      await made(rich);
      await plaza.order(rich, { source: 'notes' });
    });

    it('but takes one of the three places under way', async () => {
      for (const format of ['csv', 'ndjson', 'json']) await plaza.order(mia, { source: 'notes', format });
      const busy = await refusal();
      expect(busy).toMatchObject({ code: 'export.quota' });
      expect(Date.parse(busy!.details.retryAt)).toBeLessThan(plaza.credits.clock.now().getTime() + 120_000);
      await runNext();
      await order();
      await expect(plaza.order(mia, { source: 'notes' })).rejects.toMatchObject({ code: 'export.quota' });
    });

    it('again on the same day when it failed, and not when it was cancelled', async () => {
      notes.beforePage = () => {
        throw new Error('broken page');
      };
      expect(await made()).toMatchObject({ state: 'failed', errorCode: 'export.source-failed' });
      expect(await plaza.files()).toEqual([]);
      notes.beforePage = () => undefined;
      const { id } = await order();
      expect(await plaza.exports.cancel(mia, id)).toMatchObject({ state: 'cancelled' });
      expect(await refusal()).toMatchObject({ code: 'export.quota' });
    });

    it('again when its workers were lost', async () => {
      const { id } = await order();
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        expect((await plaza.claims.next())!.record.attempt).toBe(attempt);
        await plaza.credits.run((tx) => tx.write('UPDATE export_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND'));
      }
      expect(await plaza.claims.next()).toBeUndefined();
      expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'failed', errorCode: 'export.worker-lost' });
      expect(await made()).toMatchObject({ state: 'succeeded', attempt: 1 });
    });

    it('not a second time today because yesterday\'s failed', async () => {
      const yesterdays = await order();
      atMidnight();
      const todays = await order(as('exports.order'));
      notes.beforePage = () => {
        throw new Error('broken page');
      };
      await runNext();
      expect(await plaza.exports.get(mia.memberId, yesterdays.id)).toMatchObject({ state: 'failed' });
      expect(await refusal()).toMatchObject({ code: 'export.quota' });
      notes.beforePage = () => undefined;
      await runNext();
      expect(await plaza.exports.get(mia.memberId, todays.id)).toMatchObject({ state: 'succeeded' });
    });
  });

  it('is ordered by its name alone', async () => {
    const refused = async (raw: object) => (await plaza.order(mia, { source: 'everything', format: undefined, ...raw }).catch((error: unknown) => error)) as { code: string };
    for (const raw of [{ format: 'csv' }, { format: 'ndjson' }, { compression: 'zip' }, { compression: 'none' }]) expect(await refused(raw)).toMatchObject({ code: 'export.unknown-format' });
    expect(await refused({ columns: ['number'] })).toMatchObject({ code: 'export.unknown-column', details: { columns: [] } });
    expect(await refused({ filters: { kind: 'a' } })).toMatchObject({ code: 'export.unknown-filter', details: { filters: [] } });
    expect((await plaza.exports.list(mia.memberId, { limit: 10 })).items).toEqual([]);
    const { id } = await order();
    expect((await plaza.order(mia, { source: 'everything', format: undefined, filters: {}, guard: false, bom: true })).id).toBe(id);
  });

  it('reports the rows of all datasets as one, and stops within a page when it is cancelled', async () => {
    let now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const more = new PersonalDataset('more', rowsOf(6_000));
    notes.rows = rowsOf(4_000);
    const percents: number[] = [];
    const tick = async (): Promise<void> => {
      now += 600;
      const [running] = (await plaza.exports.list(mia.memberId, { limit: 1 })).items;
      percents.push(Math.floor((100 * running!.rowsDone) / running!.rowsEstimated!));
    };
    more.beforePage = tick;
    notes.beforePage = tick;
    plaza.datasets.register(more);
    expect(await made()).toMatchObject({ state: 'succeeded', rowsDone: 10_000 });
    // A page is counted when its bytes have been taken, so one page late at most.
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents).toHaveLength(10);
    expect(percents[6]).toBeGreaterThan(40);

    atMidnight();
    const { id } = await order();
    let pages = 0;
    notes.beforePage = () => void (pages += 1);
    more.beforePage = async () => {
      now += 600;
      pages += 1;
      await plaza.exports.cancel(mia, id);
    };
    await runNext();
    expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'cancelled' });
    expect(pages).toBeLessThan(4);
    expect(await plaza.files()).toHaveLength(1);
  });

  it('is kept for its time like any other file, and can be removed early', async () => {
    const first = await made();
    const link = await plaza.downloads.link(mia, first.id);
    const query = Object.fromEntries(new URLSearchParams(link.split('?')[1]));
    expect(await plaza.downloads.file(first.id, query)).toMatchObject({ mediaType: 'application/zip', name: expect.stringMatching(/^everything-\d{4}-\d\d-\d\d\.zip$/) });
    await plaza.exports.remove(mia, first.id);
    await expect(plaza.downloads.file(first.id, query)).rejects.toMatchObject({ code: 'export.expired' });
    expect(await refusal()).toMatchObject({ code: 'export.quota' });
    atMidnight();
    const { id } = await made();
    await plaza.credits.run((tx) => tx.write('UPDATE export SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [id]));
    await expect(plaza.downloads.link(mia, id)).rejects.toMatchObject({ code: 'export.expired' });
    expect(await plaza.sweep.expireDue()).toBe(1);
    expect(await plaza.files()).toEqual([]);
  });

  it('is a name that no dataset can have, whichever comes first', () => {
    expect(() => plaza.datasets.register(new MemoryDataset('everything', []))).toThrow(/reserved/);
    const taken = new Datasets();
    taken.register(new MemoryDataset('everything', []));
    expect(() => new ExportSources(taken)).toThrow(/reserved/);
  });
});

it('copies of everything are scaled with the other quotas', async () => {
  const plaza = await openExports({ RATE_LIMIT_SCALE: '2' });
  plaza.datasets.register(new PersonalDataset('notes', rowsOf(1)));
  const mia = await plaza.member();
  const copy = async () => plaza.exports.cancel(mia, (await plaza.order(mia, { source: 'everything', format: undefined })).id);
  await copy();
  await copy();
  await expect(copy()).rejects.toMatchObject({ code: 'export.quota' });
  await plaza.close();
});
