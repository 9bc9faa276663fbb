import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../platform/auth/decorators.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../platform/http/rate-limit.js';
import { RequestDevice } from './device.decorator.js';
import { LinkIdentityDto } from './dto/oidc.dto.js';
import { SignedInDto } from './dto/session.dto.js';
import { credentialsInvalid, identityLinked, linkTokenInvalid } from './members.errors.js';
import { OidcSignIn } from './oidc-sign-in.service.js';
import type { Device } from './sessions.service.js';

@ApiTags('sessions')
@Controller('identities')
export class IdentitiesController {
  constructor(private readonly signIn: OidcSignIn) {}

  @Post()
  @Public()
  @RateLimit('auth')
  @ApiOperation({ summary: 'Link a sign-in elsewhere to your membership, and sign in', operationId: 'linkIdentity', description: 'After the exchange has answered `identity.link-required`.' })
  @ApiCreatedResponse({ type: SignedInDto })
  @ApiErrors(linkTokenInvalid, credentialsInvalid, identityLinked)
  async link(@Body() body: LinkIdentityDto, @RequestDevice() device: Device): Promise<SignedInDto> {
    return SignedInDto.from(await this.signIn.link(body, device));
  }
}
