import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { forbidden, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { chatBanned, chatFull } from '../chat.errors.js';
import { AddedMembersDto, AddMembersDto, ChangeMemberDto, ConversationMemberDto, ConversationMemberPageDto } from '../dto/conversation-member.dto.js';
import { ConversationJoining } from './conversation-joining.service.js';
import { ConversationLeaving } from './conversation-leaving.service.js';
import { MemberStanding } from './member-standing.service.js';
import { Roster } from './roster.service.js';

const MemberId = () => ApiParam({ name: 'memberId', schema: { type: 'string', format: 'uuid' } });
const CHANGE_EXAMPLES = {
  notify: { summary: 'your own', value: { notify: 'mentions' } },
  mute: { summary: 'by an owner or moderator', value: { mutedUntil: '2027-01-01T00:00:00Z' } },
  pardon: { summary: 'lift a ban', value: { bannedUntil: null } },
};

/** Who takes part in conversations, and as what. */
@ApiTags('chat')
@Controller('chat/conversations/:id/members')
@ApiParam({ name: 'id', description: 'id of the conversation', schema: { type: 'string', format: 'uuid' } })
export class ConversationMembersController {
  constructor(
    private readonly roster: Roster,
    private readonly joining: ConversationJoining,
    private readonly leaving: ConversationLeaving,
    private readonly standing: MemberStanding,
  ) {}

  @Get()
  @RequirePermission(Permission.ChatRead)
  @ApiOperation({ operationId: 'listConversationMembers', summary: 'List who is in a conversation, whoever has been for longest first' })
  @ApiOkResponse({ type: ConversationMemberPageDto })
  @ApiErrors(requestInvalid, notFound, chatBanned)
  list(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<ConversationMemberPageDto> {
    return this.roster.list(memberId, id, query);
  }

  @Post()
  @HttpCode(200)
  @RequirePermission(Permission.ChatWrite)
  @ApiOperation({ operationId: 'addConversationMembers', summary: 'Put members into a group or channel', description: 'Its owners and moderators may. All are put in, or nobody; who is in it stays as they are. Who is banned is pardoned first.' })
  @ApiOkResponse({ type: AddedMembersDto })
  @ApiErrors(requestInvalid, notFound, forbidden, chatBanned, chatFull)
  add(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Body() { memberIds }: AddMembersDto): Promise<AddedMembersDto> {
    return this.joining.add(memberId, id, memberIds);
  }

  @Delete(':memberId')
  @HttpCode(204)
  @RequirePermission(Permission.ChatWrite)
  @MemberId()
  @ApiOperation({ operationId: 'removeConversationMember', summary: 'Leave a group or channel, or take somebody out', description: 'Owners take out anybody, moderators lower ranks. Again it changes nothing. When the last owner leaves, the moderator who has been in it for longest becomes one, or else the member.' })
  @ApiNoContentResponse({ description: 'they are not in it any more, and hear nothing of it' })
  @ApiErrors(notFound, forbidden, chatBanned)
  remove(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Param('memberId', IdPipe) memberId: string): Promise<void> {
    return this.leaving.remove(actor.memberId, id, memberId);
  }

  @Patch(':memberId')
  @RequirePermission(Permission.ChatWrite)
  @MemberId()
  @ApiOperation({ operationId: 'changeConversationMember', summary: 'Change what somebody may do in a conversation', description: 'Owners give roles; owners and moderators mute and ban lower ranks, also who has left; `notify` is your own. There is always an owner.' })
  @ApiBody({ type: ChangeMemberDto, examples: CHANGE_EXAMPLES })
  @ApiOkResponse({ type: ConversationMemberDto })
  @ApiErrors(requestInvalid, notFound, forbidden, chatBanned)
  change(@CurrentActor() actor: Actor, @Param('id', IdPipe) conversationId: string, @Param('memberId', IdPipe) memberId: string, @Body() body: ChangeMemberDto): Promise<ConversationMemberDto> {
    return this.standing.change(actor.memberId, { conversationId, memberId }, body);
  }
}
