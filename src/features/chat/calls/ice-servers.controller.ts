import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { IceServersDto } from '../dto/ice-servers.dto.js';
import { IceAccess, type IceServers } from './ice-access.service.js';

@ApiTags('chat')
@Controller('chat/ice-servers')
export class IceServersController {
  constructor(private readonly access: IceAccess) {}

  @Get()
  @RequirePermission(Permission.ChatRead)
  @ApiOperation({ operationId: 'listIceServers', summary: 'Get the STUN and TURN servers for your calls', description: 'For `new RTCPeerConnection({iceServers})`. Ask again before each call: the password lets you in for `ttlSeconds`. Calls themselves are made by the socket events `call.*`.' })
  @ApiOkResponse({ type: IceServersDto })
  list(@CurrentActor() { memberId }: Actor): IceServers {
    return this.access.grant(memberId);
  }
}
