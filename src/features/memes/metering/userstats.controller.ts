import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { UserstatsDto, UserstatsQueryDto } from '../dto/userstats.dto.js';
import { Userstats } from './userstats.service.js';

/** What calls have cost. */
@ApiTags('memes')
@Controller('userstats')
export class UserstatsController {
  constructor(private readonly userstats: Userstats) {}

  @Get()
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'getUserstats', summary: 'Get how much a member or an API token has called the meme API', description: 'Give exactly one of `uid` and `token`. Costs nothing.' })
  @ApiOkResponse({ type: UserstatsDto })
  @ApiErrors(requestInvalid, notFound)
  async read(@CurrentActor() actor: Actor, @Query() query: UserstatsQueryDto): Promise<UserstatsDto> {
    return UserstatsDto.from(await this.userstats.read(actor, query));
  }
}
