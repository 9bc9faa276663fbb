import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { JobTimings } from '../../../platform/jobs/job-timings.js';
import { Worker } from '../../../platform/jobs/worker.js';
import { FileIntake } from '../file-intake.service.js';
import { FileClaims, type FileJob } from './file-claims.service.js';
import { FileProcessing } from './file-processing.service.js';

/** Checks received files in this process, UPLOAD_WORKERS at once. */
@Injectable()
export class FilesWorker extends Worker<FileJob> {
  constructor(claims: FileClaims, processing: FileProcessing, config: Config, timings: JobTimings, intake: FileIntake) {
    super(
      {
        name: 'uploads',
        concurrency: config.UPLOAD_WORKERS ?? availableParallelism(),
        claim: () => claims.next(),
        renew: (job) => claims.renew(job),
        run: (job, signal) => processing.run(job, signal),
        giveBack: async (job) => void (await claims.putBack(job, { burnt: false, delaySeconds: 0 })),
      },
      timings,
    );
    intake.onAccepted(() => this.wake());
  }
}
