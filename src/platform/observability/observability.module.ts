import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { Health } from './health.service.js';

@Module({ providers: [Health], controllers: [HealthController] })
export class ObservabilityModule {}
