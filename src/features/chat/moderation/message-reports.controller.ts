import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { chatBanned } from '../chat.errors.js';
import { MessageReportDto, ReportedMessageDto, ReportedMessagePageDto, ReportMessageDto, ReportQueryDto, ResolveReportDto } from '../dto/message-report.dto.js';
import { MessageReports } from './message-reports.service.js';
import type { ReportedMessage } from './moderation.types.js';

const Id = (description: string) => ApiParam({ name: 'id', description, schema: { type: 'string', format: 'uuid' } });

/** What members object to, for moderators of the community to look at. */
@ApiTags('chat')
@Controller('chat')
export class MessageReportsController {
  constructor(private readonly reports: MessageReports) {}

  @Post('messages/:id/reports')
  @RequirePermission(Permission.ChatWrite)
  @Id('id of the message')
  @ApiOperation({ operationId: 'reportMessage', summary: 'Object to a message that you may read', description: 'It is shown to the moderators of the community, that one message alone. Once each: reporting it again answers with your first report.' })
  @ApiCreatedResponse({ type: MessageReportDto })
  @ApiOkResponse({ type: MessageReportDto, description: 'what you reported before' })
  @ApiErrors(requestInvalid, notFound, chatBanned)
  async report(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Body() { reason }: ReportMessageDto): Promise<Answer> {
    const { report, isNew } = await this.reports.report(memberId, id, reason);
    return new Answer(isNew ? 201 : 200, report);
  }

  @Get('reports')
  @RequirePermission(Permission.ChatModerate)
  @ApiOperation({ operationId: 'listReportedMessages', summary: 'List what members object to, newest first' })
  @ApiOkResponse({ type: ReportedMessagePageDto })
  @ApiErrors(requestInvalid)
  list(@Query() { state, ...page }: ReportQueryDto): Promise<ReportedMessagePageDto> {
    return this.reports.list(state, page) as Promise<ReportedMessagePageDto>;
  }

  @Patch('reports/:id')
  @RequirePermission(Permission.ChatModerate)
  @Id('id of the report')
  @ApiOperation({ operationId: 'resolveReport', summary: 'Say that a report is seen to; again changes nothing', description: 'What is to be done about the message is done there.' })
  @ApiOkResponse({ type: ReportedMessageDto })
  @ApiErrors(requestInvalid, notFound)
  resolve(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string, @Body() _: ResolveReportDto): Promise<ReportedMessage> {
    return this.reports.resolve(memberId, id);
  }
}
