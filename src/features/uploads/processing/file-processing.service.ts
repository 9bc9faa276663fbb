import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { storageFull, storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { ScannerUnavailable } from '../../../platform/virus-scan/virus-scan.js';
import { FileObjects } from '../file-objects.service.js';
import { faultPoint } from '../uploads.faults.js';
import { MAX_ATTEMPTS, waitSeconds } from '../uploads.rules.js';
import { FileChecks } from './file-checks.service.js';
import { FileClaims, type FileJob } from './file-claims.service.js';
import { Rejection } from './rejection.js';

/** Files whose waiting is remembered; one that is forgotten is only asked for earlier. */
const REMEMBERED = 10_000;

/** One attempt at one file: checks it and ends it, or has it wait. */
@Injectable()
export class FileProcessing {
  private readonly logger = new Logger(FileProcessing.name);
  /** How often in a row each file had to wait for something that it cannot help. */
  private readonly waits = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(
    private readonly claims: FileClaims,
    private readonly checks: FileChecks,
    private readonly objects: FileObjects,
  ) {}

  /**
   * Runs until the file is ready or rejected, is back in the queue, or is somebody else's.
   *
   * @param signal aborted when the lease is lost or the process stops
   */
  async run(job: FileJob, signal: AbortSignal): Promise<void> {
    const ended = await this.attempt(job, signal);
    // What was made for nothing goes, unless the file is being checked again: then that does it.
    if (!ended) await this.objects.tidy(job.id);
  }

  /** @returns false when nothing was decided: the file is somebody else's, was deleted, or waits */
  private async attempt(job: FileJob, signal: AbortSignal): Promise<boolean> {
    try {
      const product = await this.checks.check(job.record, signal);
      faultPoint('uploads.after-objects');
      const ready = await this.claims.ready(job, product);
      faultPoint('uploads.after-commit');
      return ready;
    } catch (error) {
      return !signal.aborted && this.settle(job, error);
    }
  }

  private async settle(job: FileJob, error: unknown): Promise<boolean> {
    if (error instanceof Rejection) {
      this.logger.log({ err: error, fileId: job.id, code: error.code }, 'a file was rejected');
      return this.claims.reject(job, error.code);
    }
    const patient = error instanceof ScannerUnavailable || storageFull.matches(error) || storageUnavailable.matches(error);
    const { attempt } = job.record;
    if (!patient && attempt >= MAX_ATTEMPTS) {
      this.logger.error({ err: error, fileId: job.id }, 'a file could not be checked and is rejected');
      return this.claims.reject(job, 'file.processing-failed');
    }
    const delaySeconds = waitSeconds(patient ? this.waited(job) : attempt);
    // A file that was deleted in the meantime is nobody's error.
    if (await this.claims.putBack(job, { burnt: !patient, delaySeconds })) {
      this.logger.error({ err: error, fileId: job.id, delaySeconds }, patient ? 'a file has to wait to be checked' : 'a file is checked again');
    }
    return false;
  }

  private waited({ id }: FileJob): number {
    const waits = (this.waits.get(id) ?? 0) + 1;
    this.waits.set(id, waits);
    return waits;
  }
}
