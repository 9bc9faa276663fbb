import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { Cursors } from './cursor.js';
import { Idempotency } from './idempotency.js';
import { IdempotencyTasks } from './idempotency.tasks.js';
import { ProblemFilter } from './problem.filter.js';
import { RateLimitGuard } from './rate-limit.js';
import { SignedLinks } from './signed-links.js';

/** Imported after AuthModule: guards run in the order of their registration, and limits count per actor. */
@Global()
@Module({
  providers: [
    Cursors,
    Idempotency,
    IdempotencyTasks,
    SignedLinks,
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [Cursors, Idempotency, SignedLinks],
})
export class HttpModule {}
