import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AnswerInterceptor } from './answer.js';
import { Cursors } from './cursor.js';
import { HandlerTimeout } from './handler-timeout.js';
import { Idempotency } from './idempotency.js';
import { IdempotencyTasks } from './idempotency.tasks.js';
import { ProblemFilter } from './problem.filter.js';
import { RateLimitGuard } from './rate-limit.js';

/** Imported after AuthModule: guards run in the order of their registration, and limits count per actor. */
@Global()
@Module({
  providers: [
    Cursors,
    Idempotency,
    IdempotencyTasks,
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_INTERCEPTOR, useClass: HandlerTimeout },
    { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
  ],
  exports: [Cursors, Idempotency],
})
export class HttpModule {}
