import { Global, Module } from '@nestjs/common';
import { ActorSource } from '../../platform/auth/actor-source.js';
import { CreditsModule } from '../credits/index.js';
import { Activity } from './activity.service.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { ApiTokensController } from './api-tokens.controller.js';
import { ApiTokensService } from './api-tokens.service.js';
import { MeController } from './me.controller.js';
import { MemberActors } from './member-actors.service.js';
import { MemberRepository } from './member.repository.js';
import { MembersController } from './members.controller.js';
import { MembersService } from './members.service.js';
import { MembersTasks } from './members.tasks.js';
import { Passwords } from './passwords.service.js';
import { SessionRepository } from './session.repository.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { SignInBackoff } from './sign-in-backoff.service.js';

/** Global for one reason: the guards of platform/auth ask its ActorSource. */
@Global()
@Module({
  imports: [CreditsModule],
  controllers: [MembersController, MeController, SessionsController, ApiTokensController],
  providers: [
    MembersService,
    SessionsService,
    ApiTokensService,
    MembersTasks,
    MemberRepository,
    SessionRepository,
    ApiTokenRepository,
    MemberActors,
    { provide: ActorSource, useExisting: MemberActors },
    Activity,
    Passwords,
    SignInBackoff,
  ],
  exports: [MembersService, ActorSource],
})
export class MembersModule {}
