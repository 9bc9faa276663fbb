import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { PageQueryDto } from '../../platform/http/page.dto.js';
import { RateLimit } from '../../platform/http/rate-limit.js';
import { IdPipe } from '../../platform/http/validation.js';
import { RequestDevice } from './device.decorator.js';
import { RefreshDto, SessionPageDto, SignedInDto, SignInDto } from './dto/session.dto.js';
import { credentialsInvalid, refreshInvalid } from './members.errors.js';
import { SessionRefresh } from './session-refresh.service.js';
import { SessionsService, type Device } from './sessions.service.js';

@ApiTags('sessions')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly sessionRefresh: SessionRefresh,
  ) {}

  @Post()
  @Public()
  @RateLimit('auth')
  @ApiOperation({ summary: 'Sign in', operationId: 'signIn' })
  @ApiCreatedResponse({ type: SignedInDto })
  @ApiErrors(credentialsInvalid)
  async signIn(@Body() body: SignInDto, @RequestDevice() device: Device): Promise<SignedInDto> {
    return SignedInDto.from(await this.sessions.signIn(body, device));
  }

  @Post('refresh')
  @Public()
  @RateLimit('auth')
  @HttpCode(200)
  @ApiOperation({ summary: 'Swap a refresh token for new tokens', operationId: 'refreshSession', description: 'An older token than the last one ends the session: somebody else has it.' })
  @ApiOkResponse({ type: SignedInDto })
  @ApiErrors(refreshInvalid)
  async refresh(@Body() body: RefreshDto, @RequestDevice() device: Device): Promise<SignedInDto> {
    return SignedInDto.from(await this.sessionRefresh.refresh(body.refreshToken, device));
  }

  @Get()
  @RequirePermission(Permission.AccountManage)
  @ApiOperation({ summary: 'Where you are signed in', operationId: 'listSessions' })
  @ApiOkResponse({ type: SessionPageDto })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<SessionPageDto> {
    return SessionPageDto.from(await this.sessions.list(actor.memberId, query), actor.sessionId);
  }

  @Delete('current')
  @RequirePermission(Permission.AccountManage)
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out', operationId: 'signOut' })
  @ApiNoContentResponse({ description: 'Signed out; this session\'s sockets are closed' })
  signOut(@CurrentActor() actor: Actor): Promise<void> {
    return this.sessions.revoke(actor.memberId, actor.sessionId!);
  }

  @Delete(':id')
  @RequirePermission(Permission.AccountManage)
  @HttpCode(204)
  @ApiOperation({ summary: 'End one of your sessions', operationId: 'revokeSession' })
  @ApiNoContentResponse({ description: 'Ended; its sockets are closed' })
  @ApiErrors(notFound)
  revoke(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.sessions.revoke(actor.memberId, id);
  }
}
