import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessTokens } from './access-tokens.js';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';

/** Needs an ActorSource from a global module: the members feature provides it. */
@Global()
@Module({
  providers: [AccessTokens, Authenticator, { provide: APP_GUARD, useClass: AuthGuard }],
  exports: [AccessTokens, Authenticator],
})
export class AuthModule {}
