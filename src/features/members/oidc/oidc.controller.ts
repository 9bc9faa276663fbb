import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../platform/auth/decorators.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { RequestDevice } from '../device.decorator.js';
import { BeginOidcDto, ExchangeCodeDto } from '../dto/oidc.dto.js';
import { SignedInDto } from '../dto/session.dto.js';
import {
  credentialsInvalid, emailUnverified, linkRequired, providerAnswerInvalid, providerRefused, providerUnavailable, returnUrlNotAllowed, signInCodeInvalid, stateInvalid,
} from '../members.errors.js';
import { FLOW_SECONDS, OidcFlow } from './oidc-flow.service.js';
import { OidcSignIn } from './oidc-sign-in.service.js';
import type { Device } from '../sessions.service.js';
import { RawQuery, signInCookie, SignInCookie } from './sign-in-cookie.decorator.js';

const ProviderName = () => ApiParam({ name: 'provider', description: 'its name in OIDC_PROVIDERS', schema: { type: 'string', example: 'google' } });
const Location = { Location: { schema: { type: 'string' } } } as const;
const BACK_WITH = [providerRefused, providerAnswerInvalid, providerUnavailable].map(({ code }) => `\`${code}\``).join(', ');

/** Signing in elsewhere, by OpenID Connect. The first two are for browsers, which keep a cookie in between. */
@ApiTags('sessions')
@Controller('sessions/oidc')
export class OidcController {
  constructor(
    private readonly flow: OidcFlow,
    private readonly signIn: OidcSignIn,
  ) {}

  @Get(':provider')
  @Public()
  @RateLimit('auth')
  @ProviderName()
  @ApiOperation({ summary: 'Begin to sign in elsewhere', operationId: 'beginOidcSignIn', description: 'Open it in a browser. One sign-in at a time: a second one in the same browser takes the place of the first.' })
  @ApiResponse({ status: 302, description: 'to the provider', headers: Location })
  @ApiErrors(notFound, requestInvalid, returnUrlNotAllowed, providerUnavailable)
  async begin(@Param('provider') provider: string, @Query() { returnUrl }: BeginOidcDto): Promise<Answer> {
    const { location, sealed } = await this.flow.begin(provider, returnUrl);
    return new Answer(302, undefined, { Location: location, ...signInCookie({ sealed, seconds: FLOW_SECONDS }) });
  }

  @Get(':provider/callback')
  @Public()
  @RateLimit('auth')
  @ProviderName()
  @ApiOperation({ summary: 'Come back from there', operationId: 'finishOidcSignIn', description: 'Only the provider sends browsers here.' })
  @ApiResponse({ status: 302, description: `to the returnUrl with \`?code=\` for the exchange, or with \`?error=\`: ${BACK_WITH}`, headers: Location })
  @ApiErrors(stateInvalid)
  async finish(@Param('provider') provider: string, @RawQuery() query: string, @SignInCookie() sealed: string): Promise<Answer> {
    return new Answer(302, undefined, { Location: await this.flow.finish(provider, query, sealed), ...signInCookie() });
  }

  @Post('exchange')
  @Public()
  @RateLimit('auth')
  @ApiOperation({ summary: 'Swap the code from a sign-in elsewhere for tokens', operationId: 'exchangeOidcCode', description: 'Who is new here becomes a member.' })
  @ApiCreatedResponse({ type: SignedInDto })
  @ApiErrors(signInCodeInvalid, credentialsInvalid, emailUnverified, linkRequired)
  async exchange(@Body() { code }: ExchangeCodeDto, @RequestDevice() device: Device): Promise<SignedInDto> {
    return SignedInDto.from(await this.signIn.exchange(code, device));
  }
}
