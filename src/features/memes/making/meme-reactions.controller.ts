import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { insufficientCredits } from '../../credits/index.js';
import { MemeLikeDto } from '../dto/meme-like.dto.js';
import { MemeReportDto, ReportedMemePageDto, ReportMemeDto } from '../dto/meme-report.dto.js';
import { CallMeter } from '../metering/call-meter.service.js';
import { CurrentCaller } from '../metering/caller.decorator.js';
import type { Caller } from '../metering/metering.types.js';
import { MemeLikes } from './meme-likes.service.js';
import { MemeReports } from './meme-reports.service.js';

const MemeId = () => ApiParam({ name: 'id', description: 'id of the meme', schema: { type: 'string', format: 'uuid' } });

/** What members think of memes. */
@ApiTags('memes')
@Controller('memes')
export class MemeReactionsController {
  constructor(
    private readonly likes: MemeLikes,
    private readonly reports: MemeReports,
    private readonly meter: CallMeter,
  ) {}

  @Put(':id/like')
  @RequirePermission(Permission.MemesWrite)
  @NoBody()
  @MemeId()
  @ApiOperation({ operationId: 'likeMeme', summary: 'Like a meme; again changes nothing' })
  @ApiOkResponse({ type: MemeLikeDto })
  @ApiErrors(requestInvalid, notFound)
  async like(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<MemeLikeDto> {
    return MemeLikeDto.from(await this.likes.like(actor, id));
  }

  @Delete(':id/like')
  @RequirePermission(Permission.MemesWrite)
  @MemeId()
  @ApiOperation({ operationId: 'unlikeMeme', summary: 'Take your like back; again changes nothing' })
  @ApiOkResponse({ type: MemeLikeDto })
  @ApiErrors(notFound)
  async unlike(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<MemeLikeDto> {
    return MemeLikeDto.from(await this.likes.unlike(actor, id));
  }

  @Post(':id/reports')
  @RequirePermission(Permission.MemesWrite)
  @MemeId()
  @ApiOperation({
    operationId: 'reportMeme',
    summary: 'Object to a meme, for moderators to look at',
    description: 'Once each: reporting it again answers with your first report. With the third report of different members the meme waits for a moderator, unseen, unless one has rated it.',
  })
  @ApiCreatedResponse({ type: MemeReportDto })
  @ApiErrors(requestInvalid, notFound)
  async report(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { reason }: ReportMemeDto): Promise<MemeReportDto> {
    return MemeReportDto.from(await this.reports.report(actor, id, reason));
  }

  @Get('reported')
  @RequirePermission(Permission.MemesModerate)
  @ApiOperation({ operationId: 'listReportedMemes', summary: 'List what waits for a moderator, the newest report first', description: 'Decide by PATCH with a status. Costs an API token one call.' })
  @ApiOkResponse({ type: ReportedMemePageDto })
  @ApiErrors(requestInvalid, insufficientCredits)
  reported(@CurrentCaller() caller: Caller, @Query() query: PageQueryDto): Answer | Promise<Answer> {
    return this.meter.serve(caller, async () => new Answer(200, ReportedMemePageDto.from(await this.reports.list(caller.actor, query))));
  }
}
