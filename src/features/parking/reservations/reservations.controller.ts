import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { forbidden, notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyRequired, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { BookDto } from '../dto/book.dto.js';
import { ReservationDto, ReservationPageDto } from '../dto/reservation.dto.js';
import { garageFull, quoteInvalid, vehicleBusy, vehicleTooLarge, windowInvalid, windowPast, windowTooFar, windowTooLong, windowTooShort } from '../parking.errors.js';
import { Booking } from './booking.service.js';
import { Reservations } from './reservations.service.js';

@ApiTags('parking')
@Controller()
export class ReservationsController {
  constructor(
    private readonly booking: Booking,
    private readonly reservations: Reservations,
  ) {}

  @Post('reservations')
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({
    operationId: 'bookSpot',
    summary: 'Reserve a spot',
    description: 'The best that is free: the smallest that the vehicle fits into, without features that you did not ask for. Pay until `holdExpiresAt`. Send the same Idempotency-Key again after a lost answer: there is never a second reservation.',
  })
  @ApiBody({ type: BookDto })
  @ApiCreatedResponse({ type: ReservationDto, description: 'the reservation; Location is where it is' })
  @ApiErrors(
    requestInvalid, windowInvalid, idempotencyKeyRequired, forbidden, notFound, windowPast, windowTooFar, windowTooLong, windowTooShort, vehicleTooLarge,
    quoteInvalid, vehicleBusy, garageFull,
    idempotencyInProgress, idempotencyKeyReused, serverBusy,
  )
  book(@CurrentActor() actor: Actor, @Body() body: BookDto, @IdempotencyKey({ required: true }) request: IdempotencyRequest): Promise<Answer> {
    return this.booking.book(actor, body, request, (reservation) => new Answer(201, ReservationDto.from(reservation), { Location: `/api/reservations/${reservation.id}` }));
  }

  @Get('reservations/:id')
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({ operationId: 'getReservation', summary: 'Get a reservation of yours; operators get any' })
  @ApiOkResponse({ type: ReservationDto })
  @ApiErrors(notFound)
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<ReservationDto> {
    return ReservationDto.from(await this.reservations.get(actor, id));
  }

  @Get('me/reservations')
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({ operationId: 'listMyReservations', summary: 'List your reservations, the latest start first' })
  @ApiOkResponse({ type: ReservationPageDto })
  @ApiErrors(requestInvalid)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<ReservationPageDto> {
    return ReservationPageDto.from(await this.reservations.list(actor, query));
  }
}
