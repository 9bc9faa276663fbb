import { Body, Controller, Delete, HttpCode, Param, Patch, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { forbidden, notFound, rateLimited, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { chatArchived, chatBanned, chatBlocked, chatEmpty, chatMuted, chatTooLong, editWindow, staleVersion, tooManyEmojis } from '../chat.errors.js';
import type { ChatMessage } from '../chat.types.js';
import { EditMessageDto } from '../dto/message-acts.dto.js';
import { ChatMessageDto } from '../dto/message.dto.js';
import { MessageDeletion } from './message-deletion.service.js';
import { MessageEditing } from './message-editing.service.js';
import { MessageReactions } from './message-reactions.service.js';

const Emoji = () => ApiParam({ name: 'emoji', description: 'one emoji, percent-encoded', example: '👍', schema: { type: 'string' } });

/** Acts on messages. */
@ApiTags('chat')
@Controller('chat/messages')
@ApiParam({ name: 'id', description: 'id of the message', schema: { type: 'string', format: 'uuid' } })
export class MessageActsController {
  constructor(
    private readonly editing: MessageEditing,
    private readonly deletion: MessageDeletion,
    private readonly reactions: MessageReactions,
  ) {}

  @Patch(':id')
  @RequirePermission(Permission.ChatWrite)
  @ApiOperation({ operationId: 'editMessage', summary: 'Edit a message of yours, within 24 hours', description: 'Of several edits of the same version one wins. Owners and moderators of the conversation edit their own messages at any time.' })
  @ApiOkResponse({ type: ChatMessageDto, description: 'the message as it reads now' })
  @ApiErrors(requestInvalid, forbidden, notFound, staleVersion, editWindow, chatEmpty, chatTooLong, chatMuted, chatBanned, chatBlocked, chatArchived, rateLimited)
  edit(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Body() body: EditMessageDto): Promise<ChatMessage> {
    return this.editing.edit(memberId, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission(Permission.ChatWrite)
  @ApiOperation({
    operationId: 'deleteMessage', summary: 'Delete a message of yours for good; moderators delete any',
    description: 'That there was one stays known, and nothing of what it said. Its files stay yours. Owners and moderators of the conversation delete any message in it, moderators of the community also where they are members, and what was reported to them.',
  })
  @ApiNoContentResponse({ description: 'it is deleted' })
  @ApiErrors(forbidden, notFound, chatBanned)
  delete(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.deletion.delete(actor, id);
  }

  @Put(':id/reactions/:emoji')
  @HttpCode(204)
  @RequirePermission(Permission.ChatWrite)
  @NoBody()
  @Emoji()
  @ApiOperation({ operationId: 'addReaction', summary: 'Answer a message with an emoji; again changes nothing' })
  @ApiNoContentResponse({ description: 'it is there' })
  @ApiErrors(requestInvalid, notFound, tooManyEmojis, chatMuted, chatBanned, chatBlocked, chatArchived, rateLimited)
  react(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Param('emoji') emoji: string): Promise<void> {
    return this.reactions.set(memberId, id, { emoji, on: true });
  }

  @Delete(':id/reactions/:emoji')
  @HttpCode(204)
  @RequirePermission(Permission.ChatWrite)
  @Emoji()
  @ApiOperation({ operationId: 'removeReaction', summary: 'Take an emoji of yours back; again changes nothing' })
  @ApiNoContentResponse({ description: 'it is not there' })
  @ApiErrors(requestInvalid, notFound, chatBanned, rateLimited)
  unreact(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Param('emoji') emoji: string): Promise<void> {
    return this.reactions.set(memberId, id, { emoji, on: false });
  }
}
