import { Global, Module } from '@nestjs/common';
import { JobTimings } from './job-timings.js';
import { TaskRuns } from './task-runs.js';

/** Scheduled work and the timings of workers. */
@Global()
@Module({ providers: [TaskRuns, JobTimings], exports: [TaskRuns, JobTimings] })
export class JobsModule {}
