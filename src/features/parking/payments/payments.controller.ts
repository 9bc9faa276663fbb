import type { IncomingHttpHeaders } from 'node:http';
import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid, requestTooLarge } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { RawBody, TakesRawBody } from '../../../platform/http/raw-body.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { paymentRefused, paymentsUnavailable, signatureInvalid } from '../../../platform/payments/payments.errors.js';
import { insufficientCredits } from '../../credits/index.js';
import { PayDto, PaymentDto } from '../dto/payment.dto.js';
import { alreadyPaid, holdExpired, wrongState } from '../parking.errors.js';
import { PaymentNotices } from './payment-notices.service.js';
import { Payments } from './payments.service.js';

@ApiTags('parking')
@Controller()
export class PaymentsController {
  constructor(
    private readonly payments: Payments,
    private readonly notices: PaymentNotices,
  ) {}

  @Post('reservations/:id/payment')
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({
    operationId: 'payReservation',
    summary: 'Pay for a reservation of yours, or for its extension',
    description: 'With credits, or when it costs nothing, it is paid and confirmed at once. A card is paid at the provider with `clientSecret` (or on the page `url`); the reservation is confirmed when the provider says so: see the event `reservation.updated`. Asked again before that, it is the same payment.',
  })
  @ApiBody({ type: PayDto })
  @ApiCreatedResponse({ type: PaymentDto })
  @ApiErrors(requestInvalid, insufficientCredits, notFound, holdExpired, alreadyPaid, wrongState, idempotencyInProgress, idempotencyKeyReused, paymentRefused, paymentsUnavailable)
  pay(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { method }: PayDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.payments.pay(actor, id, method, request, (payment) => new Answer(201, PaymentDto.from(payment)));
  }

  @Post('webhooks/payments/:provider')
  @HttpCode(200)
  @Public()
  @RateLimit('frequent')
  @TakesRawBody()
  @ApiOperation({ operationId: 'receivePaymentNotice', summary: 'For payment providers: say what became of a payment', description: 'Signed over the bytes of the body, at most 300 seconds ago. Said twice, or in another order, it leads to the same.' })
  @ApiParam({ name: 'provider', schema: { type: 'string', enum: ['stripe', 'sandbox'] } })
  @ApiBody({ schema: { type: 'object' }, description: 'as the provider writes it' })
  @ApiOkResponse({ description: 'taken', schema: { type: 'object', properties: { received: { type: 'boolean', example: true } } } })
  @ApiErrors(signatureInvalid, notFound, requestTooLarge)
  async receive(@Param('provider') provider: string, @RawBody() body: Buffer, @Headers() headers: IncomingHttpHeaders): Promise<{ received: true }> {
    await this.notices.receive(provider, body, headers);
    return { received: true };
  }
}
