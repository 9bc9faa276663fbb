import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { printBanner } from './app.banner.js';
import { foundCommunity } from './app.community.js';
import { AppModule } from './app.module.js';
import { reportBootFailure, stopOnSignals } from './app.process.js';
import { configureApp } from './app.setup.js';
import { loadConfig } from './platform/config/config.js';
import { httpAdapter } from './platform/http/adapter.js';
import { createLogger, NestLogger } from './platform/observability/logging.js';

try {
  const config = loadConfig();
  const logger = new NestLogger(createLogger(config.LOG_LEVEL));
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, httpAdapter(config), { logger, bodyParser: false, abortOnError: false });
  stopOnSignals(app);
  await configureApp(app);
  await foundCommunity(app);
  await app.listen(config.PORT, config.HOST);
  await printBanner(app);
} catch (error) {
  reportBootFailure(error);
}
