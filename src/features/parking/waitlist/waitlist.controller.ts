import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { JoinWaitlistDto, WaitlistEntryDto, WaitlistPageDto } from '../dto/waitlist.dto.js';
import { alreadyWaiting, tooManyWaiting, vehicleTooLarge, windowInvalid, windowPast, windowTooFar, windowTooLong, windowTooShort } from '../parking.errors.js';
import { Waitlist } from './waitlist.service.js';

@ApiTags('parking')
@Controller('waitlist')
export class WaitlistController {
  constructor(private readonly waitlist: Waitlist) {}

  @Post()
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({
    operationId: 'joinWaitlist',
    summary: 'Wait for a spot in a garage that is full',
    description: 'First come, first served: what becomes free is kept for who has waited longest, who hears of it by the event `waitlist.offered` and pays for it like for any hold. Where a spot is free it is offered at once.',
  })
  @ApiBody({ type: JoinWaitlistDto })
  @ApiCreatedResponse({ type: WaitlistEntryDto })
  @ApiErrors(
    requestInvalid, windowInvalid, notFound, windowPast, windowTooFar, windowTooLong, windowTooShort, vehicleTooLarge, alreadyWaiting, tooManyWaiting,
    idempotencyInProgress, idempotencyKeyReused,
  )
  join(@CurrentActor() actor: Actor, @Body() body: JoinWaitlistDto, @IdempotencyKey() request: IdempotencyRequest): Promise<Answer> {
    return this.waitlist.join(actor, body, request, (entry) => new Answer(201, WaitlistEntryDto.from(entry)));
  }

  @Get()
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({ operationId: 'listMyWaitlist', summary: 'List what you wait for, and waited for, newest first' })
  @ApiOkResponse({ type: WaitlistPageDto })
  @ApiErrors(requestInvalid)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<WaitlistPageDto> {
    return WaitlistPageDto.from(await this.waitlist.list(actor, query));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({ operationId: 'leaveWaitlist', summary: 'Wait no longer', description: 'What you were offered stays a reservation of yours.' })
  @ApiNoContentResponse()
  @ApiErrors(notFound)
  leave(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.waitlist.leave(actor, id);
  }
}
