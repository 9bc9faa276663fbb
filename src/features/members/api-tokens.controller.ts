import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Answer } from '../../platform/http/answer.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../platform/http/idempotency.errors.js';
import { Idempotency, IdempotencyKey, type IdempotencyRequest } from '../../platform/http/idempotency.js';
import { NoBody } from '../../platform/http/no-body.js';
import { PageQueryDto } from '../../platform/http/page.dto.js';
import { IdPipe } from '../../platform/http/validation.js';
import { balanceLimit, insufficientCredits } from '../credits/index.js';
import { ApiTokensService } from './api-tokens.service.js';
import { ApiTokenPageDto, BoughtCallsDto, BuyCallsDto, CreateApiTokenDto, IssuedApiTokenDto } from './dto/api-token.dto.js';
import { apiTokenLimit } from './members.errors.js';

@ApiTags('api tokens')
@Controller('api-tokens')
@RequirePermission(Permission.AccountManage)
export class ApiTokensController {
  constructor(
    private readonly apiTokens: ApiTokensService,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Make an API token', operationId: 'createApiToken' })
  @ApiCreatedResponse({ type: IssuedApiTokenDto })
  @ApiErrors(apiTokenLimit)
  async create(@CurrentActor() actor: Actor, @Body() body: CreateApiTokenDto): Promise<IssuedApiTokenDto> {
    return IssuedApiTokenDto.fromIssued(await this.apiTokens.create(actor, body));
  }

  @Get()
  @ApiOperation({ summary: 'Your API tokens', operationId: 'listApiTokens' })
  @ApiOkResponse({ type: ApiTokenPageDto })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<ApiTokenPageDto> {
    return ApiTokenPageDto.from(await this.apiTokens.list(actor, query));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke an API token', operationId: 'revokeApiToken' })
  @ApiNoContentResponse({ description: 'Revoked' })
  @ApiErrors(notFound)
  revoke(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.apiTokens.revoke(actor, id);
  }

  @Post(':id/rotate')
  @NoBody()
  @ApiOperation({ summary: 'Give an API token a new secret', operationId: 'rotateApiToken', description: 'The old secret ends at once.' })
  @ApiCreatedResponse({ type: IssuedApiTokenDto })
  @ApiErrors(notFound)
  async rotate(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<IssuedApiTokenDto> {
    return IssuedApiTokenDto.fromIssued(await this.apiTokens.rotate(actor, id));
  }

  @Post(':id/calls')
  @ApiOperation({ summary: 'Buy calls for an API token with your credits', operationId: 'buyCalls' })
  @ApiCreatedResponse({ type: BoughtCallsDto })
  @ApiErrors(insufficientCredits, balanceLimit, notFound, idempotencyInProgress, idempotencyKeyReused)
  buyCalls(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: BuyCallsDto, @IdempotencyKey() key: IdempotencyRequest): Promise<Answer> {
    return this.idempotency.run(key, (tx) => this.apiTokens.buyCalls(tx, actor, id, body.credits), (bought) => new Answer(201, BoughtCallsDto.from(bought)));
  }
}
