import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { forbidden, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { chatBanned } from '../chat.errors.js';
import { ConversationDetailsDto } from '../dto/conversation-member.dto.js';
import { ConversationDto, ConversationPageDto, MakeConversationDto } from '../dto/conversation.dto.js';
import { EditConversationDto } from '../dto/edit-conversation.dto.js';
import { ConversationEdits } from './conversation-edits.service.js';
import { ConversationMaking } from './conversation-making.service.js';
import { Inbox } from './inbox.service.js';
import { Roster } from './roster.service.js';

const MAKE_EXAMPLES = { group: { summary: 'a group of your own', value: { kind: 'group', memberIds: [], title: 'Roof garden' } } };
const EDIT_EXAMPLES = { slowMode: { summary: 'a message every 10 seconds', value: { slowModeSeconds: 10 } }, archive: { summary: 'only to be read from now on', value: { archived: true } } };
const ConversationId = () => ApiParam({ name: 'id', description: 'id of the conversation', schema: { type: 'string', format: 'uuid' } });

@ApiTags('chat')
@Controller('chat/conversations')
export class ConversationsController {
  constructor(
    private readonly making: ConversationMaking,
    private readonly inbox: Inbox,
    private readonly roster: Roster,
    private readonly edits: ConversationEdits,
  ) {}

  @Post()
  @RequirePermission(Permission.ChatWrite)
  @ApiOperation({ operationId: 'makeConversation', summary: 'Begin a conversation', description: 'You are its owner. Two members have one dm: it is answered with 200 where there is one.' })
  @ApiBody({ type: MakeConversationDto, examples: MAKE_EXAMPLES })
  @ApiCreatedResponse({ type: ConversationDto, description: 'the conversation; Location is where it is' })
  @ApiOkResponse({ type: ConversationDto, description: 'the dm that there was' })
  @ApiErrors(requestInvalid, notFound, idempotencyInProgress, idempotencyKeyReused)
  make(@CurrentActor() actor: Actor, @Body() body: MakeConversationDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.making.make(actor.memberId, body, request, ({ conversation, isNew }) => new Answer(isNew ? 201 : 200, conversation, { Location: `/api/chat/conversations/${conversation.id}` }));
  }

  @Get()
  @RequirePermission(Permission.ChatRead)
  @ApiOperation({ operationId: 'listConversations', summary: 'List your conversations, the one with the newest message first' })
  @ApiOkResponse({ type: ConversationPageDto })
  @ApiErrors(requestInvalid)
  list(@CurrentActor() { memberId }: Actor, @Query() query: PageQueryDto): Promise<ConversationPageDto> {
    return this.inbox.list(memberId, query) as Promise<ConversationPageDto>;
  }

  @Get(':id')
  @RequirePermission(Permission.ChatRead)
  @ConversationId()
  @ApiOperation({ operationId: 'getConversation', summary: 'Get a conversation, and who is in it' })
  @ApiOkResponse({ type: ConversationDetailsDto })
  @ApiErrors(notFound, chatBanned)
  get(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string): Promise<ConversationDetailsDto> {
    return this.roster.get(memberId, id) as Promise<ConversationDetailsDto>;
  }

  @Patch(':id')
  @RequirePermission(Permission.ChatWrite)
  @ConversationId()
  @ApiOperation({ operationId: 'editConversation', summary: 'Change how a group or channel is set up', description: 'Its owners and moderators may. What is left out stays. Everybody in it is told.' })
  @ApiBody({ type: EditConversationDto, examples: EDIT_EXAMPLES })
  @ApiOkResponse({ type: ConversationDto })
  @ApiErrors(requestInvalid, notFound, forbidden, chatBanned)
  edit(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Body() body: EditConversationDto): Promise<ConversationDto> {
    return this.edits.edit(memberId, id, body) as Promise<ConversationDto>;
  }
}
