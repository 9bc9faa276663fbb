import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import { JobTimings } from '../../platform/jobs/job-timings.js';
import { Worker } from '../../platform/jobs/worker.js';
import { ExportClaims, type ExportJob } from './export-claims.service.js';
import { ExportRun } from './export-run.service.js';

/** Writes exports in this process, EXPORT_WORKERS at once, from start to stop of the application. */
@Injectable()
export class ExportsWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly worker: Worker<ExportJob>;

  constructor(claims: ExportClaims, exportRun: ExportRun, config: Config, timings: JobTimings) {
    this.worker = new Worker<ExportJob>(
      {
        name: 'exports',
        concurrency: config.EXPORT_WORKERS,
        claim: () => claims.next(),
        renew: (job) => claims.renew(job),
        run: (job, signal) => exportRun.run(job, signal),
        giveBack: (job) => claims.giveBack(job),
      },
      timings,
    );
  }

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  /** A new export is in the queue. */
  wake(): void {
    this.worker.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }
}
