import { Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PublicOr } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { authRequired, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { SchemaPipe } from '../../../platform/http/schema-pipe.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { ballotsQuery, FORMAT_PARAMETER, pollResultQuery, WINDOW_PARAMETER, type BallotsQuery, type PollResultQuery } from '../dto/poll-result-query.dto.js';
import { PollResultDto } from '../dto/poll-result.dto.js';
import { PollTurnoutDto } from '../dto/poll-turnout.dto.js';
import { PollId } from '../poll-id.decorator.js';
import { PollViewer } from '../poll-viewer.decorator.js';
import type { Viewer } from '../visibility.rules.js';
import { deviceTokenInvalid, formatUnsupported, resultsHidden } from '../voting.errors.js';
import { BallotFiles } from './ballot-files.service.js';
import { PollTurnout } from './poll-turnout.service.js';
import { ResultAnswers } from './result-answers.service.js';

const SEEN = [notFound, authRequired, deviceTokenInvalid] as const;

/** What a poll came to. Fastify sends HEAD here as well. */
@ApiTags('polls')
@Controller('polls/:id')
@PublicOr(Permission.PollsRead)
export class PollResultsController {
  constructor(
    private readonly answers: ResultAnswers,
    private readonly turnouts: PollTurnout,
    private readonly files: BallotFiles,
  ) {}

  @Get('result')
  @PollId()
  @ApiOperation({
    operationId: 'getPollResult',
    summary: 'Get the counts of a poll and who wins',
    description: 'Made anew at most once a second. Of a certified poll the answer without a window is what was certified, byte by byte.',
  })
  @ApiQuery(WINDOW_PARAMETER)
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'ETag of the answer that you have; you are not given an older one' })
  @ApiOkResponse({ type: PollResultDto })
  @ApiResponse({ status: 304, description: 'nothing but asOf is new' })
  @ApiErrors(requestInvalid, ...SEEN, resultsHidden)
  result(
    @PollViewer() viewer: Viewer,
    @Param('id', IdPipe) id: string,
    @Query(new SchemaPipe(pollResultQuery)) { window }: PollResultQuery,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
  ): Promise<Answer> {
    return this.answers.get(viewer, id, window, ifNoneMatch);
  }

  @Get('result.svg')
  @PollId()
  @ApiOperation({ operationId: 'drawPollResult', summary: 'See the counts of a poll as a chart' })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse({ description: 'an SVG picture', schema: { type: 'string' } })
  @ApiErrors(...SEEN, resultsHidden)
  draw(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string): Promise<Answer> {
    return this.answers.draw(viewer, id);
  }

  @Get('turnout')
  @PollId()
  @ApiOperation({ operationId: 'getPollTurnout', summary: 'Get how many have voted, of how many who may', description: 'Also while the counts are hidden.' })
  @ApiOkResponse({ type: PollTurnoutDto })
  @ApiErrors(...SEEN)
  async turnout(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string): Promise<PollTurnoutDto> {
    return PollTurnoutDto.from(await this.turnouts.get(viewer, id));
  }

  @Get('ballots')
  @PollId()
  @ApiOperation({
    operationId: 'getPollBallots',
    summary: 'Download all ballots, to count them yourself',
    description: 'CSV has the columns ballotId and choice (as JSON), and in named polls voterId and castAt; of an open poll, votes may be missing that came while it was sent. BLT has the candidates by number, withdrawn ones marked; ABIF leaves those out.',
  })
  @ApiQuery(FORMAT_PARAMETER)
  @ApiProduces('text/csv', 'text/plain')
  @ApiOkResponse({ description: 'the file', schema: { type: 'string' } })
  @ApiErrors(requestInvalid, ...SEEN, resultsHidden, formatUnsupported)
  async ballots(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string, @Query(new SchemaPipe(ballotsQuery)) { format }: BallotsQuery): Promise<Answer> {
    return new Answer(200, await this.files.open(viewer, id, format), {
      'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'text/plain; charset=utf-8',
      'Content-Disposition': `attachment; filename="poll-${id}.${format}"`,
    });
  }
}
