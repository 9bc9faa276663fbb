import { Controller, Delete, Get, Headers, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { CalendarAddressDto } from '../dto/calendar-address.dto.js';
import { calendarTokenInvalid } from '../parking.errors.js';
import { CalendarFeed } from './calendar-feed.service.js';
import { CalendarTokens } from './calendar-tokens.service.js';

/** A member's reservations for their calendar. */
@ApiTags('parking')
@Controller('me')
export class CalendarController {
  constructor(
    private readonly tokens: CalendarTokens,
    private readonly feed: CalendarFeed,
  ) {}

  @Post('calendar-token')
  @RequirePermission(Permission.AccountManage)
  @NoBody()
  @ApiOperation({
    operationId: 'createCalendarToken',
    summary: 'Get an address of your reservations for a calendar to subscribe to',
    description: 'An earlier address of yours ends.',
  })
  @ApiCreatedResponse({ type: CalendarAddressDto })
  async create(@CurrentActor() actor: Actor): Promise<CalendarAddressDto> {
    return CalendarAddressDto.from(await this.tokens.create(actor.memberId));
  }

  @Delete('calendar-token')
  @HttpCode(204)
  @RequirePermission(Permission.AccountManage)
  @ApiOperation({ operationId: 'revokeCalendarToken', summary: 'End the address that your calendar reads; no effect when there is none' })
  @ApiNoContentResponse({ description: 'no calendar reads your reservations' })
  async revoke(@CurrentActor() actor: Actor): Promise<void> {
    await this.tokens.revoke(actor.memberId);
  }

  @Get('reservations.ics')
  @Public()
  @ApiOperation({
    operationId: 'getReservationCalendar',
    summary: 'Get the reservations behind a calendar address as iCalendar (RFC 5545)',
    description: 'Holds are tentative. What is over, or was cancelled, stays for 30 days; of more than 500 the latest are there.',
  })
  @ApiQuery({ name: 'token', schema: { type: 'string' }, description: 'of the address that POST /api/me/calendar-token gave' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'ETag of the answer that you have' })
  @ApiProduces('text/calendar')
  @ApiOkResponse({ description: 'the calendar', schema: { type: 'string' } })
  @ApiResponse({ status: 304, description: 'nothing is new' })
  @ApiErrors(calendarTokenInvalid)
  get(@Query('token') token: unknown, @Headers('if-none-match') ifNoneMatch: string | undefined): Promise<Answer> {
    return this.feed.get(token, ifNoneMatch);
  }
}
