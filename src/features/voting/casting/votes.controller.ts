import { Body, Controller, Delete, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PublicOr } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { authRequired, notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { AnonymousIdempotencyKey, type AnonymousIdempotencyRequest } from '../../../platform/http/idempotency.js';
import { idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { CastVoteDto, VoteReceiptDto } from '../dto/cast-vote.dto.js';
import { PollId } from '../poll-id.decorator.js';
import { PollViewer } from '../poll-viewer.decorator.js';
import type { Viewer } from '../visibility.rules.js';
import { alreadyVoted, ballotInvalid, changeNotAllowed, deviceTokenInvalid, notEligible, pollNotOpen, unknownCandidate } from '../voting.errors.js';
import { answerOf } from './vote-answer.js';
import { VoteChanges } from './vote-changes.service.js';
import { Votes } from './votes.service.js';

const BALLOT_ERRORS = [requestInvalid, notFound, authRequired, deviceTokenInvalid, notEligible, pollNotOpen, unknownCandidate, ballotInvalid] as const;

/** A body that is checked by its poll: `ballotOf`. */
type VoteBody = Readonly<Record<string, unknown>>;

@ApiTags('polls')
@Controller('polls/:id/votes')
@PublicOr(Permission.PollsVote)
export class VotesController {
  constructor(
    private readonly votes: Votes,
    private readonly changes: VoteChanges,
  ) {}

  @Post()
  @PollId()
  @ApiOperation({
    operationId: 'castVote',
    summary: 'Vote in a poll; answered when the vote is durable',
    description: 'What the body holds depends on the method of the poll. The vote counts when it is stored, not when it is sent: at the closing time that is what decides. '
      + 'In a secret poll it waits up to two seconds for others, and sending it again with its nonce finds its receipt; an Idempotency-Key is not looked at there.',
  })
  @ApiBody({ type: CastVoteDto })
  @ApiCreatedResponse({ type: VoteReceiptDto })
  @ApiErrors(...BALLOT_ERRORS, alreadyVoted, idempotencyKeyReused, serverBusy)
  async cast(
    @PollViewer() viewer: Viewer,
    @Param('id', IdPipe) id: string,
    @Body() body: VoteBody | undefined,
    @AnonymousIdempotencyKey() request: AnonymousIdempotencyRequest,
  ): Promise<Answer> {
    return answerOf(await this.votes.cast(viewer, id, body ?? {}, request));
  }

  @Put('mine')
  @PollId()
  @ApiOperation({ operationId: 'changeVote', summary: 'Change your vote, where the poll allows it; it still counts as cast when it was' })
  @ApiBody({ type: CastVoteDto })
  @ApiOkResponse({ type: VoteReceiptDto })
  @ApiErrors(...BALLOT_ERRORS, changeNotAllowed)
  async change(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string, @Body() body: VoteBody | undefined): Promise<Answer> {
    return answerOf(await this.changes.change(viewer, id, body ?? {}), 200);
  }

  @Delete('mine')
  @HttpCode(204)
  @PollId()
  @ApiOperation({ operationId: 'takeVoteBack', summary: 'Take your vote back, where the poll allows it; you may vote again' })
  @ApiNoContentResponse({ description: 'your vote counts no more' })
  @ApiErrors(notFound, authRequired, deviceTokenInvalid, notEligible, pollNotOpen, changeNotAllowed)
  takeBack(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.changes.takeBack(viewer, id);
  }
}
