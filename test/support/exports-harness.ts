import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { PERMISSIONS_BY_ROLE } from '../../src/platform/auth/permissions.js';
import type { Actor } from '../../src/platform/auth/actor.js';
import { loadConfig, type Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { newId } from '../../src/platform/database/columns.js';
import { Pools } from '../../src/platform/database/pools.js';
import type { Snapshot } from '../../src/platform/database/transactions.js';
import type { Cell, Dataset, DatasetRequest, Row } from '../../src/platform/datasets/dataset.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { Cursors } from '../../src/platform/http/cursor.js';
import { SignedLinks } from '../../src/platform/http/signed-links.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import { DiskStorage } from '../../src/platform/storage/disk-storage.js';
import type { Storage } from '../../src/platform/storage/storage.js';
import { ExportClaims } from '../../src/features/exports/export-claims.service.js';
import { ExportDownloads } from '../../src/features/exports/export-downloads.service.js';
import { ExportQueueRepository } from '../../src/features/exports/export-queue.repository.js';
import { ExportOrders } from '../../src/features/exports/export-orders.service.js';
import { ExportProgress } from '../../src/features/exports/export-progress.service.js';
import { ExportQuotaRepository } from '../../src/features/exports/export-quota.repository.js';
import { ExportQuotas } from '../../src/features/exports/export-quotas.service.js';
import { ExportRepository } from '../../src/features/exports/export.repository.js';
import { ExportRun } from '../../src/features/exports/export-run.service.js';
import { ExportSources } from '../../src/features/exports/export-sources.service.js';
import { ExportSweep } from '../../src/features/exports/export-sweep.service.js';
import { ExportTransitions } from '../../src/features/exports/export-transitions.service.js';
import { ExportEvents } from '../../src/features/exports/exports.events.js';
import type { RawOrder } from '../../src/features/exports/exports.rules.js';
import { ExportsService } from '../../src/features/exports/exports.service.js';
import { ExportsTasks } from '../../src/features/exports/exports.tasks.js';
import type { ExportRecord } from '../../src/features/exports/exports.types.js';
import { ExportsWorker } from '../../src/features/exports/exports.worker.js';
import { openCredits, type CreditsHarness, type RecordingRealtime } from './credits-harness.js';
import { eventually } from './eventually.js';
import { exportViolations } from './exports-invariants.js';

/** Rows from memory, under the test's control: a page may wait, or fail. */
export class MemoryDataset implements Dataset {
  readonly columns = [
    { name: 'number', type: 'integer' },
    { name: 'text', type: 'string' },
    { name: 'at', type: 'instant' },
  ] as const;
  readonly filters = [
    { name: 'kind', type: 'string', description: 'kind', values: ['a', 'b'] },
    { name: 'since', type: 'instant', description: 'since' },
  ] as const;
  /** Whether it goes into the copy of everything. */
  personal = false;
  /** Called with each request to count or read. */
  seen: (request: DatasetRequest) => void = () => undefined;
  /** Called before each page. */
  beforePage: (page: number) => Promise<void> | void = () => undefined;

  constructor(
    readonly name: string,
    public rows: readonly Row[],
    private readonly readable = true,
  ) {}

  mayRead(): boolean {
    return this.readable;
  }

  async count(_: Snapshot, request: DatasetRequest): Promise<number> {
    this.seen(request);
    return this.rows.length;
  }

  async *pages(_: Snapshot, request: DatasetRequest, pageSize: number): AsyncGenerator<readonly Row[]> {
    this.seen(request);
    for (let from = 0; from < this.rows.length; from += pageSize) {
      await this.beforePage(from / pageSize);
      yield this.rows.slice(from, from + pageSize);
    }
  }
}

/** The table task_run as a dataset: real rows that a test can add to while an export reads. */
export class TaskRunDataset implements Dataset {
  readonly name = 'task-runs';
  readonly personal = false;
  readonly columns = [
    { name: 'task', type: 'string' },
    { name: 'period', type: 'string' },
  ] as const;
  readonly filters = [];
  beforePage: (page: number) => Promise<void> | void = () => undefined;

  mayRead(): boolean {
    return true;
  }

  async count(snapshot: Snapshot): Promise<number> {
    const [row] = await snapshot.rows<{ n: number }>('SELECT COUNT(*) AS n FROM task_run');
    return row!.n;
  }

  async *pages(snapshot: Snapshot): AsyncGenerator<readonly Row[]> {
    let after = '';
    for (let page = 0; ; page += 1) {
      await this.beforePage(page);
      const rows = await snapshot.rows<Record<string, Cell>>('SELECT task, period FROM task_run WHERE period > ? ORDER BY period LIMIT 10', [after]);
      if (rows.length === 0) return;
      yield rows;
      after = String(rows.at(-1)!['period']);
    }
  }
}

/** One process's worth of exports: its own worker, on the shared database. */
export interface ExportsProcess {
  readonly orders: ExportOrders;
  readonly exports: ExportsService;
  readonly downloads: ExportDownloads;
  readonly sweep: ExportSweep;
  readonly tasks: ExportsTasks;
  readonly claims: ExportClaims;
  readonly exportRun: ExportRun;
  readonly worker: ExportsWorker;
  close(): Promise<void>;
}

export interface ExportsHarness extends ExportsProcess {
  readonly credits: CreditsHarness;
  readonly realtime: RecordingRealtime;
  readonly datasets: Datasets;
  readonly storage: Storage;
  readonly config: Config;
  /** A second worker beside the first; `storage` to let its disk fail. */
  process(options?: { storage?: Storage; timings?: Partial<Record<keyof JobTimings, number>> }): ExportsProcess;
  member(balance?: number): Promise<Actor>;
  order(actor: Actor, raw?: Partial<RawOrder>): Promise<ExportRecord>;
  /** Waits until the export is in one of these states. */
  until(id: string, ...states: ExportRecord['state'][]): Promise<ExportRecord>;
  available(actor: Actor): Promise<number>;
  /** The file's bytes as text. */
  content(record: ExportRecord): Promise<string>;
  read(record: ExportRecord): Readable;
  files(): Promise<string[]>;
  /** Stops the first worker and waits for what it was doing, effects after commit included. */
  settled(): Promise<void>;
  /** What contradicts the invariants, of everything in the database and on the disk. */
  violations(): Promise<string[]>;
}

/** Fast enough for a test, slow enough for a busy machine. */
export const FAST = { poll: 20, heartbeat: 100, lease: 2_000, drain: 500 };

export async function openExports(environment: NodeJS.ProcessEnv = {}, timings: Partial<Record<keyof JobTimings, number>> = FAST): Promise<ExportsHarness> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-exports-'));
  const settings = { NODE_ENV: 'test', APP_SECRET: 'a secret of the tests, longer than 32 bytes', DATA_DIR: dataDir, ...environment };
  const config = loadConfig(settings);
  const credits = await openCredits(settings, new Date().toISOString());
  await credits.db.truncate();
  const datasets = new Datasets();
  const storage = new DiskStorage(config);
  const repository = new ExportRepository(credits.db.database);
  const processes: ExportsProcess[] = [];

  const process: ExportsHarness['process'] = (options = {}) => {
    const made = wireExports(credits, datasets, options.storage ?? storage, config, Object.assign(new JobTimings(), timings, options.timings));
    processes.push(made);
    return made;
  };
  const first = process();
  const get = async (id: string): Promise<ExportRecord> => repository.get(credits.db.database, id);

  return {
    ...first,
    credits, datasets, storage, config, process,
    realtime: credits.realtime,
    member: async (balance = 5) => {
      const id = newId();
      await credits.db.dataSource.query(
        `INSERT INTO member (id, email, display_name, role, permission_version, created_at) VALUES (?, ?, 'Mia', 'member', 1, UTC_TIMESTAMP(3))`,
        [id, `${id}@example.org`],
      );
      await credits.run((tx) => credits.credits.open(tx, { kind: 'member', id }));
      if (balance !== 5) await credits.run((tx) => credits.credits.adjust(tx, id, { amount: balance - 5, reason: 'for a test', actorId: id }));
      return { memberId: id, role: 'member', permissions: PermissionSet.of(PERMISSIONS_BY_ROLE.member), permissionVersion: 1, sessionId: newId() };
    },
    order: (actor, raw) =>
      credits.run(async (tx) => (await first.orders.order(tx, actor, { source: 'rows', format: 'csv', ...raw })).record),
    until: (id, ...states) =>
      eventually(async () => {
        const record = await get(id);
        if (!states.includes(record.state)) throw new Error(`export ${id} is ${record.state}, not ${states.join(' or ')}`);
        return record;
      }, 20_000),
    available: async ({ memberId }) => (await credits.credits.balance({ kind: 'member', id: memberId })).available,
    content: (record) => text(storage.read(record.storageKey!)),
    read: (record) => storage.read(record.storageKey!),
    files: async () => {
      const keys: string[] = [];
      for await (const { key } of storage.list('exports')) keys.push(key);
      return keys;
    },
    settled: () => first.worker.beforeApplicationShutdown(),
    violations: () => exportViolations((sql) => credits.db.dataSource.query(sql), storage),
    close: async () => {
      for (const running of processes) await running.close();
      await credits.db.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A process's worth of exports, wired by hand on these credits' database. */
export function wireExports(credits: CreditsHarness, datasets: Datasets, storage: Storage, config: Config, timings: JobTimings): ExportsProcess {
  const { transactions, database, url } = credits.db;
  // Heartbeats of their own, as another process has.
  const pools = new Pools(url);
  const repository = new ExportRepository(database);
  const queue = new ExportQueueRepository(pools, timings);
  const events = new ExportEvents(credits.realtime, repository);
  const quotas = new ExportQuotaRepository();
  const transitions = new ExportTransitions(queue, repository, quotas, credits.credits, events, config);
  const claims = new ExportClaims(transactions, database, queue, repository, transitions, credits.credits);
  const progress = new ExportProgress(transactions, credits.db.database, queue, repository, events);
  const sources = new ExportSources(datasets);
  const exportRun = new ExportRun(transactions, sources, storage, progress, transitions);
  const worker = new ExportsWorker(claims, exportRun, config, timings);
  const keys = new SecretKeys(config);
  const sweep = new ExportSweep(transactions, repository, storage, events);
  return {
    claims, exportRun, worker,
    orders: new ExportOrders(sources, repository, queue, new ExportQuotas(quotas, credits.clock, config), credits.credits, worker),
    exports: new ExportsService(transactions, repository, sources, transitions, sweep, new Cursors(keys)),
    downloads: new ExportDownloads(repository, storage, new SignedLinks(keys, credits.clock), sources),
    sweep,
    tasks: new ExportsTasks(sweep),
    close: async () => {
      await worker.beforeApplicationShutdown();
      await pools.end();
    },
  };
}
