import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { PresenceListDto, PresenceQueryDto } from '../dto/presence.dto.js';
import { Presence } from './presence.service.js';

@ApiTags('chat')
@Controller('chat/presence')
export class PresenceController {
  constructor(private readonly presence: Presence) {}

  @Get()
  @RequirePermission(Permission.ChatRead)
  @ApiOperation({ operationId: 'listPresence', summary: 'See who is online of those with whom you share a conversation', description: 'Sockets are told of changes by `presence`; not of those with whom they share only conversations of more than 200 members.' })
  @ApiOkResponse({ type: PresenceListDto })
  @ApiErrors(requestInvalid)
  async list(@CurrentActor() { memberId }: Actor, @Query() { memberIds }: PresenceQueryDto): Promise<PresenceListDto> {
    return { items: await this.presence.list(memberId, memberIds) };
  }
}
