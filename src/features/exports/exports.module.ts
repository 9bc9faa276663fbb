import { Module } from '@nestjs/common';
import { CreditsModule } from '../credits/index.js';
import { ExportClaims } from './export-claims.service.js';
import { ExportDownloads } from './export-downloads.service.js';
import { ExportFileController } from './export-file.controller.js';
import { ExportOrders } from './export-orders.service.js';
import { ExportProgress } from './export-progress.service.js';
import { ExportQueueRepository } from './export-queue.repository.js';
import { ExportQuotaRepository } from './export-quota.repository.js';
import { ExportQuotas } from './export-quotas.service.js';
import { ExportRun } from './export-run.service.js';
import { ExportSources } from './export-sources.service.js';
import { ExportSweep } from './export-sweep.service.js';
import { ExportTransitions } from './export-transitions.service.js';
import { ExportRepository } from './export.repository.js';
import { ExportsController } from './exports.controller.js';
import { ExportsDataset } from './exports.dataset.js';
import { ExportEvents } from './exports.events.js';
import { ExportsService } from './exports.service.js';
import { ExportsStatistics } from './exports.statistics.js';
import { ExportsTasks } from './exports.tasks.js';
import { ExportsWorker } from './exports.worker.js';

@Module({
  imports: [CreditsModule],
  controllers: [ExportsController, ExportFileController],
  providers: [
    ExportsService, ExportOrders, ExportSources, ExportDownloads,
    ExportsWorker, ExportClaims, ExportRun, ExportProgress, ExportTransitions, ExportEvents,
    ExportSweep, ExportsTasks, ExportsDataset, ExportsStatistics,
    ExportQuotas, ExportRepository, ExportQueueRepository, ExportQuotaRepository,
  ],
})
export class ExportsModule {}
