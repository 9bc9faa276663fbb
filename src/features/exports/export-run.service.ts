import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { isDatabaseUnreachable } from '../../platform/database/sql-errors.js';
import { Transactions, type Snapshot } from '../../platform/database/transactions.js';
import type { Dataset, Row } from '../../platform/datasets/dataset.js';
import { storageFull } from '../../platform/storage/storage.errors.js';
import { Storage } from '../../platform/storage/storage.js';
import { holdClosed } from '../credits/index.js';
import { everythingBody } from './everything-body.stream.js';
import { exportBody, SourceFailed, type BodyOptions, type Tally } from './export-body.stream.js';
import { ExportSources } from './export-sources.service.js';
import { ExportTransitions } from './export-transitions.service.js';
import { ExportProgress, Interrupted } from './export-progress.service.js';
import type { FinishedFile } from './export.repository.js';
import type { ExportJob } from './export-claims.service.js';
import { faultPoint } from './exports.faults.js';
import { fileExtension, fileName, MAX_ATTEMPTS } from './exports.rules.js';
import { EVERYTHING, type ExportFailure, type ExportRecord } from './exports.types.js';
import { encoderOf } from './formats/encoders.js';

/** Rows fetched and encoded at a time: large enough to be fast, small enough that memory stays flat. */
const PAGE_SIZE = 1_000;
/** Wait before the next attempt, times the attempts so far. */
const RETRY_SECONDS = 5;

/** One attempt at one export: reads the data in a snapshot, writes the file, and ends the export. */
@Injectable()
export class ExportRun {
  private readonly logger = new Logger(ExportRun.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly sources: ExportSources,
    private readonly storage: Storage,
    private readonly progress: ExportProgress,
    private readonly transitions: ExportTransitions,
  ) {}

  /**
   * Runs until the export has ended, is back in the queue, or is somebody else's. The name of the file is
   * of this attempt alone, so that a worker which comes back late cannot touch another's file.
   *
   * @param signal aborted when the lease is lost or the process stops
   */
  async run(job: ExportJob, signal: AbortSignal): Promise<void> {
    const storageKey = `exports/${job.id}/${randomUUID()}.${fileExtension(job.record)}`;
    try {
      const file = await this.write(job, storageKey, signal);
      faultPoint('export.after-fsync');
      const completed = await this.transactions.run((tx) => this.transitions.complete(tx, job.record, job, file));
      faultPoint('export.after-commit');
      if (!completed) await this.storage.delete(storageKey);
    } catch (error) {
      // Nothing is deleted: an interrupted write leaves nothing, and a commit whose answer was lost may have named the file.
      if (!(error instanceof Interrupted || signal.aborted)) await this.settle(job, storageKey, error);
    }
  }

  /** @throws SourceFailed, storageFull, Interrupted; nothing of the file is left then */
  private async write(job: ExportJob, storageKey: string, signal: AbortSignal): Promise<FinishedFile> {
    const { record } = job;
    const datasets = this.sources.datasetsOf(record);
    return this.transactions.snapshot(async (snapshot) => {
      await this.progress.begin(job, snapshot.at, await counted(datasets, snapshot, record));
      const tally: Tally = { rows: 0, bytes: 0, sha256: '' };
      const body = bodyOf(record, datasets, snapshot, {
        tally,
        progress: async (rows) => {
          faultPoint('export.mid-page');
          if (signal.aborted) throw new Interrupted();
          await this.progress.advance(job, rows);
        },
        ended: () => faultPoint('export.before-fsync'),
      });
      await this.storage.write(storageKey, body);
      return { storageKey, ...tally };
    });
  }

  /** Ends or postpones an export whose attempt failed, and removes its file unless a commit may have named it. */
  private async settle(job: ExportJob, storageKey: string, error: unknown): Promise<void> {
    const { attempt } = job.record;
    const failure = failureOf(error, attempt);
    this.logger.error({ err: error, exportId: job.id, attempt, failure }, failure ? 'an export failed' : 'an export is tried again');
    const ours = await this.transactions.run((tx) =>
      failure
        ? this.transitions.fail(tx, job.record, job, failure)
        : this.transitions.putBack(tx, job.record, job, { burnt: true, delaySeconds: RETRY_SECONDS * attempt }),
    );
    // Not ours any more can mean that the commit went through and only its answer was lost: the sweep decides then.
    if (ours) await this.storage.delete(storageKey);
  }
}

async function counted(datasets: readonly Dataset[], snapshot: Snapshot, record: ExportRecord): Promise<number> {
  let rows = 0;
  try {
    for (const dataset of datasets) rows += await dataset.count(snapshot, record);
  } catch (error) {
    throw new SourceFailed('the dataset could not be counted', { cause: error });
  }
  return rows;
}

/** @throws SourceFailed when this version cannot make what was ordered from another */
function bodyOf(record: ExportRecord, datasets: readonly Dataset[], snapshot: Snapshot, watched: Pick<BodyOptions, 'tally' | 'progress' | 'ended'>): Readable {
  const { source, format, compression, guard, bom } = record;
  const [dataset] = datasets;
  if (!dataset) throw new SourceFailed(`this version has no dataset ${source}`);
  const pagesOf = (of: Dataset): AsyncIterable<readonly Row[]> => of.pages(snapshot, record, PAGE_SIZE);
  if (source === EVERYTHING) {
    return everythingBody({ datasets, pagesOf, attachmentsOf: (of) => of.attachments?.(snapshot, record), snapshotAt: snapshot.at, ...watched });
  }
  const chosen = record.columns.map((name) => dataset.columns.find((column) => column.name === name));
  if (chosen.includes(undefined)) throw new SourceFailed(`dataset ${source} has lost a column that was ordered`);
  const columns = chosen.filter((column) => column !== undefined);
  return exportBody({
    pages: pagesOf(dataset),
    encoder: encoderOf(format, { columns, guard, bom }),
    compression,
    file: { name: fileName({ ...record, compression: 'none' }), source, format, columns, snapshotAt: snapshot.at },
    ...watched,
  });
}

/** What an attempt's error means for the export; undefined when another attempt may do better. */
function failureOf(error: unknown, attempt: number): ExportFailure | undefined {
  if (storageFull.matches(error)) return 'export.disk-full';
  if (holdClosed.matches(error)) return 'export.hold-lapsed';
  const last = attempt >= MAX_ATTEMPTS;
  if (error instanceof SourceFailed) return isDatabaseUnreachable(error.cause) && !last ? undefined : 'export.source-failed';
  return last ? 'export.write-failed' : undefined;
}
