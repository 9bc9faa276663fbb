import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { insufficientCredits } from '../../credits/index.js';
import { ReservationDto } from '../dto/reservation.dto.js';
import { CancelDto, CancellationDto, ExtendDto } from '../dto/stay.dto.js';
import { extensionShorter, holdExpired, refundStale, spotTaken, stayStarted, tooEarly, vehicleBusy, windowInvalid, windowPast, windowTooLong, wrongState } from '../parking.errors.js';
import { Cancellations } from './cancellation.service.js';
import { Extensions } from './extensions.service.js';
import { Stays } from './stays.service.js';

/** What becomes of a reservation. */
@ApiTags('parking')
@Controller('reservations/:id')
export class StaysController {
  constructor(
    private readonly cancellations: Cancellations,
    private readonly extensions: Extensions,
    private readonly stays: Stays,
  ) {}

  @Get('cancellation')
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({ operationId: 'previewCancellation', summary: 'See what would come back if you cancelled now' })
  @ApiOkResponse({ type: CancellationDto })
  @ApiErrors(notFound, stayStarted, wrongState)
  async preview(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<CancellationDto> {
    return CancellationDto.from(await this.cancellations.preview(actor, id));
  }

  @Post('cancel')
  @HttpCode(200)
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({ operationId: 'cancelReservation', summary: 'Cancel a reservation', description: 'What comes back is as the garage says in `cancellation`. Operators cancel anybody\'s, and all comes back.' })
  @ApiBody({ type: CancelDto, required: false })
  @ApiOkResponse({ type: ReservationDto })
  @ApiErrors(requestInvalid, notFound, stayStarted, wrongState, refundStale, idempotencyInProgress, idempotencyKeyReused)
  cancel(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { expectRefundMinor }: CancelDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.cancellations.cancel(actor, id, expectRefundMinor, request, answered);
  }

  @Post('extension')
  @HttpCode(200)
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({
    operationId: 'extendReservation',
    summary: 'Stay longer, on the same spot',
    description: 'The whole stay is priced anew by the tariff that it was booked with, and the difference is to be paid: with credits at once; by card as for a reservation, by `POST /api/reservations/{id}/payment`, and until then the longer time is in `extension`.',
  })
  @ApiBody({ type: ExtendDto })
  @ApiOkResponse({ type: ReservationDto })
  @ApiErrors(
    requestInvalid, windowInvalid, insufficientCredits, notFound, windowPast, windowTooLong, extensionShorter, wrongState, vehicleBusy, spotTaken, holdExpired,
    idempotencyInProgress, idempotencyKeyReused,
  )
  extend(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: ExtendDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.extensions.extend(actor, id, body, request, answered);
  }

  @Post('check-in')
  @HttpCode(200)
  @NoBody()
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({ operationId: 'checkIn', summary: 'Say that the vehicle is there', description: 'As early before the start as the garage\'s `graceMinutes`. Operators do it for anybody.' })
  @ApiOkResponse({ type: ReservationDto })
  @ApiErrors(requestInvalid, notFound, wrongState, tooEarly)
  async checkIn(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<ReservationDto> {
    return ReservationDto.from(await this.stays.checkIn(actor, id));
  }

  @Post('check-out')
  @HttpCode(200)
  @NoBody()
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({ operationId: 'checkOut', summary: 'Say that the vehicle is gone: the spot is free for others', description: 'Operators do it for anybody.' })
  @ApiOkResponse({ type: ReservationDto })
  @ApiErrors(requestInvalid, notFound, wrongState)
  async checkOut(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<ReservationDto> {
    return ReservationDto.from(await this.stays.checkOut(actor, id));
  }
}

const answered = (reservation: Parameters<typeof ReservationDto.from>[0]): Answer => new Answer(200, ReservationDto.from(reservation));
