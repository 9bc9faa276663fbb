import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, PublicOr, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { authRequired, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { ModerateOpinionDto, PollOpinionDto, PollOpinionPageDto } from '../dto/poll-opinion.dto.js';
import { PollId } from '../poll-id.decorator.js';
import { PollViewer } from '../poll-viewer.decorator.js';
import type { Viewer } from '../visibility.rules.js';
import { deviceTokenInvalid, resultsHidden } from '../voting.errors.js';
import { PollOpinions } from './poll-opinions.service.js';

/** What voters had to say. */
@ApiTags('polls')
@Controller('polls/:id/opinions')
export class PollOpinionsController {
  constructor(private readonly opinions: PollOpinions) {}

  @Get()
  @PublicOr(Permission.PollsRead)
  @PollId()
  @ApiOperation({ operationId: 'listPollOpinions', summary: 'List what voters had to say', description: 'For those who may see the counts. Hidden ones are listed for moderators only.' })
  @ApiOkResponse({ type: PollOpinionPageDto })
  @ApiErrors(requestInvalid, notFound, authRequired, deviceTokenInvalid, resultsHidden)
  async list(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<PollOpinionPageDto> {
    return PollOpinionPageDto.from(await this.opinions.list(viewer, id, query));
  }

  @Patch(':opinionId')
  @RequirePermission(Permission.PollsManage)
  @PollId()
  @ApiParam({ name: 'opinionId', description: 'id of the opinion', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({ operationId: 'moderatePollOpinion', summary: 'Hide an opinion, or show it again; its vote counts either way' })
  @ApiOkResponse({ type: PollOpinionDto })
  @ApiErrors(requestInvalid, notFound, resultsHidden)
  async moderate(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Param('opinionId', IdPipe) opinionId: string, @Body() { status }: ModerateOpinionDto): Promise<PollOpinionDto> {
    return PollOpinionDto.from(await this.opinions.moderate(actor, id, opinionId, status));
  }
}
