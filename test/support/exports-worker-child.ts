import 'reflect-metadata';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { armFault } from '../../src/platform/config/fault-point.js';
import { loadConfig, type Config } from '../../src/platform/config/config.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import { DiskStorage } from '../../src/platform/storage/disk-storage.js';
import { wire } from './credits-harness.js';
import { openTestDatabase } from './database.js';
import { MemoryDataset, wireExports } from './exports-harness.js';

// A process of its own whose worker writes exports until it is told to stop:
// `node --import … exports-worker-child.ts <settings>`, settings being WorkerSettings as JSON.
export interface WorkerSettings {
  readonly dataDir: string;
  /** Where to wait for a line of standard input, having said so on standard output. */
  readonly stallAt?: 'page' | 'written';
  readonly fault?: string;
  readonly rows: number;
  /** Milliseconds. */
  readonly timings: Partial<Record<keyof JobTimings, number>>;
}

const { dataDir, stallAt, fault, rows, timings } = JSON.parse(process.argv[2]!) as WorkerSettings;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function stall(place: WorkerSettings['stallAt']): Promise<void> {
  if (stallAt !== place) return;
  say(place!);
  await once(process.stdin, 'data');
}

class StallingDisk extends DiskStorage {
  override async write(key: string, body: Readable): Promise<{ bytes: number }> {
    const written = await super.write(key, body);
    await stall('written');
    return written;
  }
}

armFault(fault);
const environment = { NODE_ENV: 'test', APP_SECRET: 'a secret of the tests, longer than 32 bytes', DATA_DIR: dataDir, EXPORT_WORKERS: '1' };
const config: Config = loadConfig(environment);
const dataset = new MemoryDataset('rows', Array.from({ length: rows }, (_, number) => ({ number, text: 'x', at: null })));
dataset.beforePage = (page) => (page === 1 ? stall('page') : undefined);
const datasets = new Datasets();
datasets.register(dataset);
const db = await openTestDatabase();
const plaza = wireExports(wire(db, environment, new Date().toISOString()), datasets, new StallingDisk(config), config, Object.assign(new JobTimings(), timings));

const run = plaza.exportRun.run.bind(plaza.exportRun);
plaza.exportRun.run = async (...parameters) => {
  await run(...parameters);
  say('ended');
};
plaza.worker.onApplicationBootstrap();
process.once('SIGTERM', () => void plaza.close().then(() => db.close()).then(() => process.exit(0)));
