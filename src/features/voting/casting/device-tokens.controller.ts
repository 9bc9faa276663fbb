import { Controller, Ip, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { MaybeActor, PublicOr } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { authRequired, notFound, rateLimited } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { DeviceTokenDto } from '../dto/poll.dto.js';
import { PollId } from '../poll-id.decorator.js';
import { notEligible } from '../voting.errors.js';
import { DeviceTokens } from './device-tokens.service.js';

@ApiTags('polls')
@Controller('polls/:id/device-token')
export class DeviceTokensController {
  constructor(private readonly tokens: DeviceTokens) {}

  @Post()
  @NoBody()
  @PublicOr(Permission.PollsRead)
  @PollId()
  @ApiOperation({ operationId: 'issueDeviceToken', summary: 'Get a token to vote in a public poll without signing in', description: '5 for each address and hour.' })
  @ApiCreatedResponse({ type: DeviceTokenDto })
  @ApiErrors(notFound, authRequired, notEligible, rateLimited)
  async issue(@MaybeActor() actor: Actor | undefined, @Param('id', IdPipe) id: string, @Ip() ip: string): Promise<DeviceTokenDto> {
    return { deviceToken: await this.tokens.issue(actor ?? {}, id, ip) };
  }
}
