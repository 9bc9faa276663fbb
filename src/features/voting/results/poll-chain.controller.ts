import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { PublicOr } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { authRequired, notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { PollAuditDto } from '../dto/poll-audit.dto.js';
import { PollReceiptDto } from '../dto/poll-receipt.dto.js';
import { PollId } from '../poll-id.decorator.js';
import { PollViewer } from '../poll-viewer.decorator.js';
import type { Viewer } from '../visibility.rules.js';
import { deviceTokenInvalid } from '../voting.errors.js';
import { PollChain } from './poll-chain.service.js';

const HOW_TO_CHECK = [
  'Each link is the SHA-256, in hexadecimal, of the hash before it and of all it covers, sorted by their bytes and joined with `|`: `sha256(previous|receipt|receipt…)`.',
  'The first goes on from `genesis`, which is `sha256(<id of the poll>|<seedCommitment>)`. Do this for all links, and you must come to `head`.',
  '`-<receipt>` says that the vote with this receipt was changed or taken back. Receipts less those are the votes that count.',
  'Once the poll is closed, the SHA-256 of `seed` is `seedCommitment`. Of a certified poll the last link covers `result:<SHA-256 of the body of GET …/result>`.',
  'In a secret poll your receipt is `sha256(<id of the poll>|<your nonce>)`.',
].join('\n\n');

/** Proof that the receipts of votes are all there. */
@ApiTags('polls')
@Controller('polls/:id')
@PublicOr(Permission.PollsRead)
export class PollChainController {
  constructor(private readonly chain: PollChain) {}

  @Get('receipts/:receipt')
  @PollId()
  @ApiParam({ name: 'receipt', description: 'what you were given for your vote', schema: { type: 'string' } })
  @ApiOperation({ operationId: 'getPollReceipt', summary: 'Check that a vote is in the box', description: HOW_TO_CHECK })
  @ApiOkResponse({ type: PollReceiptDto })
  @ApiErrors(notFound, authRequired, deviceTokenInvalid)
  async receipt(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string, @Param('receipt') receipt: string): Promise<PollReceiptDto> {
    return PollReceiptDto.from(await this.chain.prove(viewer, id, receipt));
  }

  @Get('audit')
  @PollId()
  @ApiOperation({ operationId: 'auditPoll', summary: 'Read the chain that covers all votes of a poll', description: HOW_TO_CHECK })
  @ApiOkResponse({ type: PollAuditDto })
  @ApiErrors(requestInvalid, notFound, authRequired, deviceTokenInvalid)
  async audit(@PollViewer() viewer: Viewer, @Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<PollAuditDto> {
    return PollAuditDto.from(await this.chain.audit(viewer, id, query));
  }
}
