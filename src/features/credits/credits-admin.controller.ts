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
import { IdPipe } from '../../platform/http/validation.js';
import { balanceLimit, belowHeld } from './credits.errors.js';
import { CreditsService } from './credits.service.js';
import { AccrualDto } from './dto/accrual.dto.js';
import { AdjustmentDto } from './dto/adjustment.dto.js';
import { EntryDto } from './dto/entry.dto.js';
import { ReconciliationDto } from './dto/reconciliation.dto.js';
import { Reconciliation } from './reconciliation.service.js';

/** Corrections, the daily run by hand, and the check of the books: for admins. */
@ApiTags('credits')
@Controller('admin/credits')
export class CreditsAdminController {
  constructor(
    private readonly credits: CreditsService,
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

  @Post('accrual')
  @HttpCode(200)
  @RequirePermission(Permission.CreditsAdmin)
  @NoBody()
  @ApiOperation({ operationId: 'accrueCredits', summary: 'Give everybody the days they are owed, now' })
  @ApiOkResponse({ type: AccrualDto })
  @ApiErrors(requestInvalid)
  async accrue(): Promise<AccrualDto> {
    return AccrualDto.from(await this.credits.accrue());
  }

  @Get('reconciliation')
  @RequirePermission(Permission.CreditsAdmin)
  @ApiOperation({ operationId: 'reconcileCredits', summary: 'Check the books against their invariants' })
  @ApiOkResponse({ type: ReconciliationDto })
  async reconcile(): Promise<ReconciliationDto> {
    return ReconciliationDto.from(await this.reconciliation.check());
  }
}
