import { Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { BlockPageDto } from '../dto/conversation-member.dto.js';
import { Blocks } from './blocks.service.js';

const BlockedId = () => ApiParam({ name: 'memberId', description: 'who is blocked', schema: { type: 'string', format: 'uuid' } });

/** Whom you do not want to hear of. */
@ApiTags('chat')
@Controller('chat/blocks')
export class BlocksController {
  constructor(private readonly blocks: Blocks) {}

  @Get()
  @RequirePermission(Permission.ChatRead)
  @ApiOperation({ operationId: 'listBlocks', summary: 'List whom you have blocked, the latest first' })
  @ApiOkResponse({ type: BlockPageDto })
  @ApiErrors(requestInvalid)
  list(@CurrentActor() { memberId }: Actor, @Query() query: PageQueryDto): Promise<BlockPageDto> {
    return this.blocks.list(memberId, query);
  }

  @Put(':memberId')
  @HttpCode(204)
  @NoBody()
  @RequirePermission(Permission.ChatWrite)
  @BlockedId()
  @ApiOperation({ operationId: 'blockMember', summary: 'Block somebody; again changes nothing', description: 'Neither of you sends to the dm that you have, and what they write elsewhere is not unread for you.' })
  @ApiNoContentResponse({ description: 'they are blocked' })
  @ApiErrors(requestInvalid, notFound)
  add(@CurrentActor() actor: Actor, @Param('memberId', IdPipe) memberId: string): Promise<void> {
    return this.blocks.add(actor.memberId, memberId);
  }

  @Delete(':memberId')
  @HttpCode(204)
  @RequirePermission(Permission.ChatWrite)
  @BlockedId()
  @ApiOperation({ operationId: 'unblockMember', summary: 'Unblock somebody; again changes nothing' })
  @ApiNoContentResponse({ description: 'they are not blocked' })
  @ApiErrors(notFound)
  remove(@CurrentActor() actor: Actor, @Param('memberId', IdPipe) memberId: string): Promise<void> {
    return this.blocks.remove(actor.memberId, memberId);
  }
}
