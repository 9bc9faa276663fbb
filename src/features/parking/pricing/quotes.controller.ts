import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { QuoteDto, QuoteOrderDto } from '../dto/quote.dto.js';
import { windowInvalid, windowPast, windowTooFar, windowTooLong, windowTooShort } from '../parking.errors.js';
import { Quotes } from './quotes.service.js';

@ApiTags('parking')
@Controller('parking/quotes')
export class QuotesController {
  constructor(private readonly quotes: Quotes) {}

  @Post()
  @HttpCode(200)
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({
    operationId: 'quoteParking',
    summary: 'Ask what a stay costs',
    description: 'For a vehicle of yours or for a size. Send `quoteToken` with the reservation within 5 minutes, and this price holds. It keeps no spot.',
  })
  @ApiBody({ type: QuoteOrderDto })
  @ApiOkResponse({ type: QuoteDto })
  @ApiErrors(requestInvalid, windowInvalid, notFound, windowPast, windowTooFar, windowTooLong, windowTooShort)
  async quote(@CurrentActor() actor: Actor, @Body() body: QuoteOrderDto): Promise<QuoteDto> {
    return QuoteDto.from(await this.quotes.quote(actor, body));
  }
}
