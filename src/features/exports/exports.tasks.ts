import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { ExportSweep } from './export-sweep.js';

/** Any number of processes may run these at once: each removal is conditional and removing twice is no error. */
@Injectable()
export class ExportsTasks {
  constructor(private readonly sweep: ExportSweep) {}

  @Cron(CronExpression.EVERY_MINUTE, { waitForCompletion: true })
  async expireDue(): Promise<void> {
    await this.sweep.expireDue();
  }

  @Cron(CronExpression.EVERY_HOUR, { waitForCompletion: true })
  async removeUnreferenced(): Promise<void> {
    await this.sweep.removeUnreferenced();
  }
}
