import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../platform/errors/house.errors.js';
import { Answer } from '../../platform/http/answer.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyRequired, idempotencyKeyReused } from '../../platform/http/idempotency.errors.js';
import { Idempotency, IdempotencyKey, type IdempotencyRequest } from '../../platform/http/idempotency.js';
import { NoBody } from '../../platform/http/no-body.js';
import { IdPipe, SeqPipe } from '../../platform/http/validation.js';
import { AccrualByHand } from './accrual-by-hand.service.js';
import { alreadyReversed, balanceLimit, belowHeld, refundExceeds } from './credits.errors.js';
import { CreditsService } from './credits.service.js';
import { AccrualDto } from './dto/accrual.dto.js';
import { AdjustmentDto } from './dto/adjustment.dto.js';
import { EntryDto } from './dto/entry.dto.js';
import { ReconciliationDto } from './dto/reconciliation.dto.js';
import { ReversalDto } from './dto/reversal.dto.js';
import { Reconciliation } from './reconciliation.service.js';

/** Corrections, the daily run by hand, and the check of the books: for admins. */
@ApiTags('credits')
@Controller('admin/credits')
export class CreditsAdminController {
  constructor(
    private readonly credits: CreditsService,
    private readonly byHand: AccrualByHand,
    private readonly reconciliation: Reconciliation,
    private readonly idempotency: Idempotency,
  ) {}

  @Post(':ownerId/adjustments')
  @RequirePermission(Permission.CreditsAdmin)
  @ApiOperation({ operationId: 'adjustCredits', summary: 'Correct a balance, up or down' })
  @ApiParam({ name: 'ownerId', description: 'id of a member or of an API token', schema: { type: 'string', format: 'uuid' } })
  @ApiCreatedResponse({ type: EntryDto })
  @ApiErrors(requestInvalid, idempotencyKeyRequired, notFound, belowHeld, balanceLimit, idempotencyInProgress, idempotencyKeyReused)
  adjust(
    @CurrentActor() actor: Actor,
    @Param('ownerId', IdPipe) ownerId: string,
    @IdempotencyKey({ required: true }) key: IdempotencyRequest,
    @Body() { amount, reason }: AdjustmentDto,
  ): Promise<Answer> {
    return this.idempotency.run(
      key,
      (tx) => this.credits.adjust(tx, ownerId, { amount, reason, actorId: actor.memberId }),
      (entry) => new Answer(201, EntryDto.from(entry)),
    );
  }

  @Post(':ownerId/entries/:seq/reversal')
  @RequirePermission(Permission.CreditsAdmin)
  @ApiOperation({
    operationId: 'reverseCreditEntry',
    summary: 'Take an entry back, once',
    description: 'Writes its mirror; of a transfer, on both sides. To undo a reversal, reverse it. Refunds of a spend are reversed before the spend.',
  })
  @ApiParam({ name: 'ownerId', description: 'id of a member or of an API token', schema: { type: 'string', format: 'uuid' } })
  @ApiParam({ name: 'seq', description: 'number of the entry in that owner\'s book', schema: { type: 'integer', minimum: 1 } })
  @ApiCreatedResponse({ type: EntryDto })
  @ApiErrors(
    requestInvalid, notFound, alreadyReversed, refundExceeds, belowHeld, balanceLimit, idempotencyInProgress, idempotencyKeyReused,
  )
  reverse(
    @CurrentActor() actor: Actor,
    @Param('ownerId', IdPipe) ownerId: string,
    @Param('seq', SeqPipe) seq: number,
    @IdempotencyKey() key: IdempotencyRequest,
    @Body() { reason }: ReversalDto,
  ): Promise<Answer> {
    return this.idempotency.run(
      key,
      (tx) => this.credits.reverse(tx, ownerId, seq, { reason, actorId: actor.memberId }),
      (entry) => new Answer(201, EntryDto.from(entry)),
    );
  }

  @Post('accrual')
  @HttpCode(200)
  @RequirePermission(Permission.CreditsAdmin)
  @NoBody()
  @ApiOperation({ operationId: 'accrueCredits', summary: 'Give everybody the days they are owed, now' })
  @ApiOkResponse({ type: AccrualDto })
  @ApiErrors(requestInvalid)
  async accrue(@CurrentActor() actor: Actor): Promise<AccrualDto> {
    return AccrualDto.from(await this.byHand.run(actor.memberId));
  }

  @Get('reconciliation')
  @RequirePermission(Permission.CreditsAdmin)
  @ApiOperation({ operationId: 'reconcileCredits', summary: 'Check the books against their invariants' })
  @ApiOkResponse({ type: ReconciliationDto })
  async reconcile(): Promise<ReconciliationDto> {
    return ReconciliationDto.from(await this.reconciliation.check());
  }
}
