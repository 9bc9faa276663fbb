import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../platform/errors/house.errors.js';
import { Answer } from '../../platform/http/answer.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../platform/http/idempotency.errors.js';
import { Idempotency, IdempotencyKey, type IdempotencyRequest } from '../../platform/http/idempotency.js';
import { chartSvg, svgAnswer } from '../../platform/http/svg.js';
import { CreditEntries } from './credit-entries.service.js';
import { CreditHistory } from './credit-history.service.js';
import { balanceLimit, insufficientCredits, selfTransfer } from './credits.errors.js';
import { CreditsService } from './credits.service.js';
import { BalanceAtDto, BalanceAtQueryDto } from './dto/balance-at.dto.js';
import { BalanceDto } from './dto/balance.dto.js';
import { EntryPageDto } from './dto/entry.dto.js';
import { HistoryQueryDto } from './dto/history-query.dto.js';
import { ListEntriesQueryDto } from './dto/list-entries-query.dto.js';
import { TransferDto, TransferReceiptDto } from './dto/transfer.dto.js';

/** A member's own credits. */
@ApiTags('credits')
@Controller('credits')
export class CreditsController {
  constructor(
    private readonly credits: CreditsService,
    private readonly entries: CreditEntries,
    private readonly history: CreditHistory,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @RequirePermission(Permission.CreditsRead)
  @ApiOperation({ operationId: 'getCredits', summary: 'Get your balance' })
  @ApiOkResponse({ type: BalanceDto })
  @ApiErrors(notFound)
  async balance(@CurrentActor() actor: Actor): Promise<BalanceDto> {
    return BalanceDto.from(await this.credits.balance({ kind: 'member', id: actor.memberId }));
  }

  @Get('entries')
  @RequirePermission(Permission.CreditsRead)
  @ApiOperation({ operationId: 'listCreditEntries', summary: 'List your entries, newest first' })
  @ApiOkResponse({ type: EntryPageDto })
  @ApiErrors(requestInvalid, notFound)
  async list(@CurrentActor() actor: Actor, @Query() query: ListEntriesQueryDto): Promise<EntryPageDto> {
    return EntryPageDto.from(await this.entries.list({ kind: 'member', id: actor.memberId }, query));
  }

  @Get('balance')
  @RequirePermission(Permission.CreditsRead)
  @ApiOperation({ operationId: 'getCreditBalanceAt', summary: 'Get the balance you had at a time' })
  @ApiOkResponse({ type: BalanceAtDto })
  @ApiErrors(requestInvalid, notFound)
  async balanceAt(@CurrentActor() actor: Actor, @Query() { at }: BalanceAtQueryDto): Promise<BalanceAtDto> {
    return BalanceAtDto.from(await this.history.balanceAt({ kind: 'member', id: actor.memberId }, at));
  }

  @Get('history.svg')
  @RequirePermission(Permission.CreditsRead)
  @ApiOperation({ operationId: 'drawCreditHistory', summary: 'See your balance as a chart', description: 'As it was at the beginning of each of the community\'s days, and now.' })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse({ description: 'an SVG picture', schema: { type: 'string' } })
  @ApiErrors(requestInvalid, notFound)
  async draw(@CurrentActor() actor: Actor, @Query() { days }: HistoryQueryDto): Promise<Answer> {
    return svgAnswer(chartSvg(await this.history.chart({ kind: 'member', id: actor.memberId }, days)));
  }

  @Post('transfers')
  @RequirePermission(Permission.CreditsTransfer)
  @ApiOperation({ operationId: 'transferCredits', summary: 'Give credits to another member' })
  @ApiCreatedResponse({ type: TransferReceiptDto })
  @ApiErrors(requestInvalid, insufficientCredits, notFound, balanceLimit, idempotencyInProgress, selfTransfer, idempotencyKeyReused)
  transfer(
    @CurrentActor() actor: Actor,
    @IdempotencyKey() key: IdempotencyRequest,
    @Body() { toMemberId, amount }: TransferDto,
  ): Promise<Answer> {
    return this.idempotency.run(
      key,
      (tx) => this.credits.transfer(tx, actor.memberId, toMemberId, amount),
      (receipt) => new Answer(201, TransferReceiptDto.from(receipt)),
    );
  }
}
