import { Global, Module } from '@nestjs/common';
import { ActorSource } from '../../platform/auth/actor-source.js';
import { Logins } from '../../platform/auth/logins.js';
import { CreditsModule } from '../credits/index.js';
import { AccessGrants } from './access-grants.service.js';
import { AccountMails } from './account-mails.service.js';
import { Activity } from './activity.service.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { ApiTokensController } from './api-tokens.controller.js';
import { ApiTokensService } from './api-tokens.service.js';
import { IdentitiesController } from './oidc/identities.controller.js';
import { Identities } from './oidc/identities.service.js';
import { IdentityRepository } from './oidc/identity.repository.js';
import { Credentials } from './credentials.service.js';
import { EmailVerificationsController } from './email-verifications.controller.js';
import { EmailVerifications } from './email-verifications.service.js';
import { EntitlementRepository } from './entitlement.repository.js';
import { EntitlementsController } from './entitlements.controller.js';
import { MeController } from './me.controller.js';
import { MemberActivityRepository } from './member-activity.repository.js';
import { MemberActors } from './member-actors.service.js';
import { MemberAdministration } from './member-administration.service.js';
import { MemberLogins } from './member-logins.service.js';
import { MemberRights } from './member-rights.service.js';
import { MemberRepository } from './member.repository.js';
import { MembersController } from './members.controller.js';
import { MembersDatasets } from './members.dataset.js';
import { MembersService } from './members.service.js';
import { MembersStatistics } from './members.statistics.js';
import { MembersTasks } from './members.tasks.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcFlow } from './oidc/oidc-flow.service.js';
import { OidcProviders } from './oidc/oidc-providers.service.js';
import { OidcSignIn } from './oidc/oidc-sign-in.service.js';
import { PasswordChanges } from './password-changes.service.js';
import { PasswordResetRepository } from './password-reset.repository.js';
import { PasswordResetsController } from './password-resets.controller.js';
import { PasswordResets } from './password-resets.service.js';
import { Passwords } from './passwords.service.js';
import { SessionRefresh } from './session-refresh.service.js';
import { SessionRepository } from './session.repository.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { SignInBackoff } from './sign-in-backoff.service.js';
import { SignInCodeRepository } from './oidc/sign-in-code.repository.js';
import { SignInCodes } from './oidc/sign-in-codes.service.js';

/** Global for one reason: the guards of platform/auth ask its ActorSource, and doors without HTTP its Logins. */
@Global()
@Module({
  imports: [CreditsModule],
  controllers: [
    MembersController,
    EntitlementsController,
    MeController,
    SessionsController,
    ApiTokensController,
    OidcController,
    IdentitiesController,
    PasswordResetsController,
    EmailVerificationsController,
  ],
  providers: [
    MembersService,
    MemberAdministration,
    MemberRights,
    AccessGrants,
    SessionsService,
    SessionRefresh,
    ApiTokensService,
    MembersTasks,
    MemberRepository,
    EntitlementRepository,
    SessionRepository,
    ApiTokenRepository,
    MemberActors,
    { provide: ActorSource, useExisting: MemberActors },
    Credentials,
    { provide: Logins, useClass: MemberLogins },
    Activity,
    MemberActivityRepository,
    MembersStatistics,
    Passwords,
    PasswordChanges,
    PasswordResets,
    PasswordResetRepository,
    EmailVerifications,
    AccountMails,
    SignInBackoff,
    OidcProviders,
    OidcFlow,
    OidcSignIn,
    SignInCodes,
    SignInCodeRepository,
    Identities,
    IdentityRepository,
    MembersDatasets,
  ],
  exports: [MembersService, ActorSource, Logins],
})
export class MembersModule {}
