import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { migrations } from '../migrations/index.js';
import { entities } from './app.entities.js';
import { ChatModule } from './features/chat/index.js';
import { CreditsModule } from './features/credits/index.js';
import { ExportsModule } from './features/exports/index.js';
import { MembersModule } from './features/members/index.js';
import { MemesModule } from './features/memes/index.js';
import { ParkingModule } from './features/parking/index.js';
import { StatisticsModule } from './features/statistics/index.js';
import { UploadsModule } from './features/uploads/index.js';
import { VotingModule } from './features/voting/index.js';
import { AuditModule } from './platform/audit/audit.module.js';
import { AuthModule } from './platform/auth/auth.module.js';
import { ClockModule } from './platform/clock/clock.module.js';
import { ConfigModule } from './platform/config/config.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { DatasetsModule } from './platform/datasets/datasets.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { JobsModule } from './platform/jobs/jobs.module.js';
import { MailModule } from './platform/mail/mail.module.js';
import { ObservabilityModule } from './platform/observability/observability.module.js';
import { PaymentsModule } from './platform/payments/payments.module.js';
import { RealtimeModule } from './platform/realtime/realtime.module.js';
import { MetricsModule } from './platform/statistics/metrics.module.js';
import { StorageModule } from './platform/storage/storage.module.js';
import { VirusScanModule } from './platform/virus-scan/virus-scan.module.js';

/** The table of contents. */
@Module({
  imports: [
    ConfigModule,
    ClockModule,
    DatabaseModule.forRoot({ entities, migrations }),
    ScheduleModule.forRoot(),
    JobsModule,
    StorageModule,
    VirusScanModule,
    MailModule,
    DatasetsModule,
    MetricsModule,
    // Guards run in this order: who is it, then how often.
    AuthModule,
    HttpModule,
    AuditModule,
    RealtimeModule,
    ObservabilityModule,
    PaymentsModule,

    MembersModule,
    CreditsModule,
    MemesModule,
    VotingModule,
    ChatModule,
    ParkingModule,
    UploadsModule,
    ExportsModule,
    StatisticsModule,
  ],
})
export class AppModule {}
