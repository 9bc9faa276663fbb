import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, MaybeActor, PublicOr, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { authRequired, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { EditPollDto } from '../dto/edit-poll.dto.js';
import { MakePollDto } from '../dto/make-poll.dto.js';
import { PollListQueryDto } from '../dto/poll-list-query.dto.js';
import { PollDto, PollPageDto } from '../dto/poll.dto.js';
import { PollId } from '../poll-id.decorator.js';
import { PollViewer } from '../poll-viewer.decorator.js';
import type { Viewer } from '../visibility.rules.js';
import { deviceTokenInvalid, notEditable, pollEnded, pollInvalid, pollNotClosed, pollNotDraft, pollNotOpen, secretFinal } from '../voting.errors.js';
import { PollCertification } from './poll-certification.service.js';
import { PollEdits } from './poll-edits.service.js';
import { PollMaking } from './poll-making.service.js';
import { PollRunning } from './poll-running.service.js';
import { PollsService } from './polls.service.js';

const A_POLL = { title: 'What shall we buy for the kitchen?', method: 'single', candidates: [{ name: 'A coffee machine', description: 'Two grinders, no queue.' }, { name: 'A kettle' }] };
const MAKE_EXAMPLES = {
  plain: { summary: 'one vote each, open at once', value: { ...A_POLL, opensAt: '2026-01-01T00:00:00Z' } },
  secret: { summary: 'a secret ranking, counted by instant runoff, to be opened later', value: { ...A_POLL, method: 'irv', secrecy: 'secret', results: 'after-close', quorum: { percent: 20 } } },
};
const EDIT_EXAMPLES = { description: { summary: 'in drafts and open polls', value: { description: 'The budget is 500 euros.' } }, title: { summary: 'in drafts', value: { title: 'What does the kitchen need?' } } };

@ApiTags('polls')
@Controller('polls')
export class PollsController {
  constructor(
    private readonly polls: PollsService,
    private readonly making: PollMaking,
    private readonly edits: PollEdits,
    private readonly running: PollRunning,
    private readonly certification: PollCertification,
  ) {}

  @Post()
  @RequirePermission(Permission.PollsManage)
  @ApiOperation({
    operationId: 'makePoll',
    summary: 'Make a poll',
    description: 'A draft until `opensAt`, or until it is opened. Required are a title, a method and candidates: without more it is named, for all members, its counts are live and its votes final.',
  })
  @ApiBody({ type: MakePollDto, examples: MAKE_EXAMPLES })
  @ApiCreatedResponse({ type: PollDto, description: 'the poll; Location is where it is' })
  @ApiErrors(requestInvalid, secretFinal, pollInvalid, idempotencyInProgress, idempotencyKeyReused)
  make(@CurrentActor() actor: Actor, @Body() body: MakePollDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.making.make(actor, body, request, (shown) => new Answer(201, PollDto.from(shown), { Location: `/api/polls/${shown.poll.id}` }));
  }

  @Get()
  @PublicOr(Permission.PollsRead)
  @ApiOperation({ operationId: 'listPolls', summary: 'List polls, newest first', description: 'Who is not signed in finds the public ones; drafts are for those who manage polls.' })
  @ApiOkResponse({ type: PollPageDto })
  @ApiErrors(requestInvalid)
  async list(@MaybeActor() actor: Actor | undefined, @Query() query: PollListQueryDto): Promise<PollPageDto> {
    return PollPageDto.from(await this.polls.list(actor ?? {}, query));
  }

  @Get(':id')
  @PublicOr(Permission.PollsRead)
  @PollId()
  @ApiOperation({ operationId: 'getPoll', summary: 'Get a poll, and what you can do in it' })
  @ApiOkResponse({ type: PollDto })
  @ApiErrors(notFound, authRequired, deviceTokenInvalid)
  async get(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string): Promise<PollDto> {
    return PollDto.from(await this.polls.get(viewer, id));
  }

  @Patch(':id')
  @RequirePermission(Permission.PollsManage)
  @PollId()
  @ApiOperation({
    operationId: 'editPoll',
    summary: 'Change a draft; or the description of an open poll, and to close later',
    description: 'What is left out stays. New candidates take the place of all that there were.',
  })
  @ApiBody({ type: EditPollDto, examples: EDIT_EXAMPLES })
  @ApiOkResponse({ type: PollDto })
  @ApiErrors(requestInvalid, notFound, secretFinal, pollInvalid, notEditable, pollEnded)
  async edit(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: EditPollDto): Promise<PollDto> {
    return PollDto.from(await this.edits.edit(actor, id, body));
  }

  @Post(':id/open')
  @HttpCode(200)
  @NoBody()
  @RequirePermission(Permission.PollsManage)
  @PollId()
  @ApiOperation({ operationId: 'openPoll', summary: 'Open a draft now; no effect on one that opens by itself' })
  @ApiOkResponse({ type: PollDto })
  @ApiErrors(notFound, pollNotDraft, pollInvalid)
  async open(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<PollDto> {
    return PollDto.from(await this.running.open(actor, id));
  }

  @Post(':id/close')
  @HttpCode(200)
  @NoBody()
  @RequirePermission(Permission.PollsManage)
  @PollId()
  @ApiOperation({ operationId: 'closePoll', summary: 'Close a poll: once this is answered no vote is accepted' })
  @ApiOkResponse({ type: PollDto })
  @ApiErrors(notFound, pollNotOpen, pollEnded)
  async close(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<PollDto> {
    return PollDto.from(await this.running.close(actor, id));
  }

  @Post(':id/certify')
  @HttpCode(200)
  @NoBody()
  @RequirePermission(Permission.PollsManage)
  @PollId()
  @ApiOperation({
    operationId: 'certifyPoll',
    summary: 'Recount a closed poll and freeze its result',
    description: 'The last link of the audit chain covers the result. The key to who has voted is destroyed. Ballots, tally, voters and receipts that do not add up are not certified: 500, and the log says what is wrong.',
  })
  @ApiOkResponse({ type: PollDto })
  @ApiErrors(notFound, pollNotClosed)
  async certify(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<PollDto> {
    return PollDto.from(await this.certification.certify(actor, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @NoBody()
  @RequirePermission(Permission.PollsManage)
  @PollId()
  @ApiOperation({ operationId: 'cancelPoll', summary: 'End a poll without a result: nobody sees its counts any more' })
  @ApiOkResponse({ type: PollDto })
  @ApiErrors(notFound, pollEnded)
  async cancel(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<PollDto> {
    return PollDto.from(await this.running.cancel(actor, id));
  }

  @Post(':id/candidates/:candidateId/withdraw')
  @HttpCode(200)
  @NoBody()
  @RequirePermission(Permission.PollsManage)
  @PollId()
  @ApiParam({ name: 'candidateId', description: 'id of the candidate', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({ operationId: 'withdrawCandidate', summary: 'Take a candidate off every ballot, also off those that were cast' })
  @ApiOkResponse({ type: PollDto })
  @ApiErrors(notFound, pollEnded)
  async withdraw(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Param('candidateId', IdPipe) candidateId: string): Promise<PollDto> {
    return PollDto.from(await this.running.withdraw(actor, id, candidateId));
  }
}
