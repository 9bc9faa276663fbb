import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { RequestDevice } from '../device.decorator.js';
import { IdentityListDto, LinkIdentityDto } from '../dto/oidc.dto.js';
import { SignedInDto } from '../dto/session.dto.js';
import { Identities } from './identities.service.js';
import { credentialsInvalid, identityLinked, linkTokenInvalid } from '../members.errors.js';
import { OidcSignIn } from './oidc-sign-in.service.js';
import type { Device } from '../sessions.service.js';

@ApiTags('sessions')
@Controller('identities')
export class IdentitiesController {
  constructor(
    private readonly signIn: OidcSignIn,
    private readonly identities: Identities,
  ) {}

  @Post()
  @Public()
  @RateLimit('auth')
  @ApiOperation({ summary: 'Link a sign-in elsewhere to your membership, and sign in', operationId: 'linkIdentity', description: 'After the exchange has answered `identity.link-required`.' })
  @ApiCreatedResponse({ type: SignedInDto })
  @ApiErrors(linkTokenInvalid, credentialsInvalid, identityLinked)
  async link(@Body() body: LinkIdentityDto, @RequestDevice() device: Device): Promise<SignedInDto> {
    return SignedInDto.from(await this.signIn.link(body, device));
  }

  @Get()
  @RequirePermission(Permission.AccountManage)
  @ApiOperation({ summary: 'Where else you can sign in from', operationId: 'listIdentities' })
  @ApiOkResponse({ type: IdentityListDto })
  async list(@CurrentActor() actor: Actor): Promise<IdentityListDto> {
    return IdentityListDto.from(await this.identities.list(actor.memberId));
  }

  @Delete(':provider')
  @RequirePermission(Permission.AccountManage)
  @HttpCode(204)
  @ApiOperation({ summary: 'Unlink a sign-in elsewhere', operationId: 'unlinkIdentity', description: 'Who has no password sets one by a reset.' })
  @ApiParam({ name: 'provider', example: 'google' })
  @ApiNoContentResponse({ description: 'Unlinked' })
  @ApiErrors(notFound)
  unlink(@CurrentActor() actor: Actor, @Param('provider') provider: string): Promise<void> {
    return this.identities.unlink(actor.memberId, provider);
  }
}
