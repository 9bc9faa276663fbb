import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { CallerGone } from '../../../platform/http/caller-gone.decorator.js';
import { WaitsForNews } from '../../../platform/http/handler-timeout.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { PolledDto, SyncedDto } from '../dto/message.dto.js';
import { cursorsOf, PollQueryDto, SyncDto } from '../dto/sync.dto.js';
import { ChatSync, type Synced } from './chat-sync.service.js';
import { LongPoll, type Polled } from './long-poll.service.js';

@ApiTags('chat')
@Controller('chat')
@RequirePermission(Permission.ChatRead)
export class ChatLogController {
  constructor(
    private readonly log: ChatSync,
    private readonly longPoll: LongPoll,
  ) {}

  @Post('sync')
  @HttpCode(200)
  @RateLimit('read')
  @ApiOperation({ operationId: 'syncChat', summary: 'Get the events that you lack', description: 'An event whose seq is one more than what you have is applied, one that is not more is dropped; at a gap you sync. With seq 0 the log is read from its start.' })
  @ApiOkResponse({ type: SyncedDto })
  @ApiErrors(requestInvalid)
  sync(@CurrentActor() { memberId }: Actor, @Body() body: SyncDto): Promise<Synced> {
    return this.log.sync(memberId, cursorsOf(body), body.limit);
  }

  @Get('poll')
  @WaitsForNews()
  @ApiOperation({ operationId: 'pollChat', summary: 'Wait for events in all your conversations', description: 'For clients without sockets: answered as soon as there are events, or with none when the time is over. Repeated with the same `since` it loses nothing.' })
  @ApiOkResponse({ type: PolledDto })
  @ApiErrors(requestInvalid)
  poll(@CurrentActor() { memberId }: Actor, @Query() { since, timeout }: PollQueryDto, @CallerGone() gone: AbortSignal): Promise<Polled> {
    return this.longPoll.poll(memberId, since, timeout * 1_000, gone);
  }
}
