import { Module } from '@nestjs/common';
import { CreditsModule } from '../credits/index.js';
import { DownloadLinks } from './download-links.js';
import { ExportClaims } from './export-claims.js';
import { ExportDownloads } from './export-downloads.js';
import { ExportFileController } from './export-file.controller.js';
import { ExportLeases } from './export-leases.js';
import { ExportOrders } from './export-orders.js';
import { ExportProgress } from './export-progress.js';
import { ExportQuotaRepository } from './export-quota.repository.js';
import { ExportQuotas } from './export-quotas.js';
import { ExportRun } from './export-run.js';
import { ExportSweep } from './export-sweep.js';
import { ExportTransitions } from './export-transitions.js';
import { ExportRepository } from './export.repository.js';
import { ExportsController } from './exports.controller.js';
import { ExportEvents } from './exports.events.js';
import { ExportsService } from './exports.service.js';
import { ExportsTasks } from './exports.tasks.js';
import { ExportsWorker } from './exports.worker.js';

@Module({
  imports: [CreditsModule],
  controllers: [ExportsController, ExportFileController],
  providers: [
    ExportsService, ExportOrders, ExportDownloads, DownloadLinks,
    ExportsWorker, ExportClaims, ExportRun, ExportProgress, ExportTransitions, ExportEvents,
    ExportSweep, ExportsTasks,
    ExportLeases, ExportRepository, ExportQuotas, ExportQuotaRepository,
  ],
})
export class ExportsModule {}
