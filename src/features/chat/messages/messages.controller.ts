import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { fileDeleted, fileExpired } from '../../uploads/index.js';
import { attachmentNotReady, chatArchived, chatBanned, chatBlocked, chatEmpty, chatMuted, chatTooLong, clientIdReused, slowMode } from '../chat.errors.js';
import { MessageRangeQueryDto } from '../dto/message-range-query.dto.js';
import { MessageHistoryDto, SentMessageDto } from '../dto/message.dto.js';
import { SendMessageDto } from '../dto/send-message.dto.js';
import { MessageHistory } from './message-history.service.js';
import { Sending } from './sending.service.js';

@ApiTags('chat')
@Controller('chat/conversations/:id/messages')
@ApiParam({ name: 'id', description: 'id of the conversation', schema: { type: 'string', format: 'uuid' } })
export class MessagesController {
  constructor(
    private readonly sending: Sending,
    private readonly history: MessageHistory,
  ) {}

  @Post()
  @RequirePermission(Permission.ChatWrite)
  @ApiOperation({ operationId: 'sendMessage', summary: 'Send a message; answered when it is durable', description: 'Sent again under its `clientId` it is the same message, and answered with 200. It is one for as long as the message is.' })
  @ApiCreatedResponse({ type: SentMessageDto })
  @ApiOkResponse({ type: SentMessageDto, description: 'the message that was sent before' })
  @ApiErrors(
    requestInvalid, notFound, chatEmpty, chatTooLong, clientIdReused, attachmentNotReady, fileDeleted, fileExpired,
    chatMuted, chatBanned, chatBlocked, chatArchived, slowMode, serverBusy,
  )
  async send(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Body() body: SendMessageDto): Promise<Answer> {
    const sent = await this.sending.send(memberId, id, body);
    return new Answer(sent.duplicate ? 200 : 201, sent);
  }

  @Get()
  @RequirePermission(Permission.ChatRead)
  @ApiOperation({ operationId: 'listMessages', summary: 'Page through messages by their numbers' })
  @ApiOkResponse({ type: MessageHistoryDto })
  @ApiErrors(requestInvalid, notFound, chatBanned)
  list(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Query() { limit, ...place }: MessageRangeQueryDto): Promise<MessageHistoryDto> {
    return this.history.list(memberId, id, place, limit) as Promise<MessageHistoryDto>;
  }
}
