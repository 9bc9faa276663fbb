import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import { JobTimings } from '../../platform/jobs/job-timings.js';
import { Worker } from '../../platform/jobs/worker.js';
import { ExportClaims, type ExportJob } from './export-claims.service.js';
import { ExportRun } from './export-run.service.js';

/** Writes exports in this process, EXPORT_WORKERS at once. */
@Injectable()
export class ExportsWorker extends Worker<ExportJob> {
  constructor(claims: ExportClaims, exportRun: ExportRun, config: Config, timings: JobTimings) {
    super(
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
}
