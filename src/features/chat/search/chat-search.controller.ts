import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { chatBanned } from '../chat.errors.js';
import { FoundMessagesDto, SearchMessagesDto } from '../dto/search-messages.dto.js';
import { MessageSearch } from './message-search.service.js';
import { queryOf } from './word.rules.js';

@ApiTags('chat')
@Controller('chat/search')
export class ChatSearchController {
  constructor(private readonly messages: MessageSearch) {}

  @Get()
  @RequirePermission(Permission.ChatRead)
  @ApiOperation({ operationId: 'searchMessages', summary: 'Find messages by their words, in your conversations, the newest first', description: 'Chinese and Japanese are found by any part, Thai, Lao, Khmer and Burmese by words.' })
  @ApiOkResponse({ type: FoundMessagesDto })
  @ApiErrors(requestInvalid, notFound, chatBanned, serverBusy)
  search(@CurrentActor() { memberId }: Actor, @Query() { q, conversation, from, before, ...page }: SearchMessagesDto): Promise<FoundMessagesDto> {
    return this.messages.search(memberId, { query: queryOf(q)!, conversationId: conversation, senderId: from, before }, page) as Promise<FoundMessagesDto>;
  }
}
