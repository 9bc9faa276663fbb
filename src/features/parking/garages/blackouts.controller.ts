import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { BlackoutListDto, LaidBlackoutDto, LayBlackoutDto } from '../dto/blackout.dto.js';
import { windowInvalid, windowPast, windowTooLong } from '../parking.errors.js';
import { Blackouts } from './blackouts.service.js';

const LAY_EXAMPLES = { day: { summary: 'the whole garage for a day', value: { from: '2026-12-24T00:00:00+01:00', to: '2026-12-25T00:00:00+01:00', reason: 'The floor is painted.' } } };

@ApiTags('parking')
@Controller()
export class BlackoutsController {
  constructor(private readonly blackouts: Blackouts) {}

  @Post('garages/:id/blackouts')
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({
    operationId: 'layBlackout',
    summary: 'Close a garage, or a spot, for some time',
    description: 'Nobody can book it for that time. Stays that there are keep their spots and are listed; or they are given other spots that fit as well, but for who has checked in.',
  })
  @ApiBody({ type: LayBlackoutDto, examples: LAY_EXAMPLES })
  @ApiCreatedResponse({ type: LaidBlackoutDto })
  @ApiErrors(requestInvalid, windowInvalid, notFound, windowPast, windowTooLong)
  async lay(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: LayBlackoutDto): Promise<LaidBlackoutDto> {
    const { blackout, moved } = await this.blackouts.lay(actor, id, body);
    return LaidBlackoutDto.of(blackout, moved);
  }

  @Get('garages/:id/blackouts')
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({ operationId: 'listBlackouts', summary: 'List the blackouts of a garage that are not over, the earliest first' })
  @ApiOkResponse({ type: BlackoutListDto })
  @ApiErrors(notFound)
  async list(@Param('id', IdPipe) id: string): Promise<BlackoutListDto> {
    return BlackoutListDto.from(await this.blackouts.list(id));
  }

  @Delete('blackouts/:id')
  @HttpCode(204)
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({ operationId: 'liftBlackout', summary: 'End a blackout', description: 'Its time can be booked again at once. Whoever waits for it is offered it first.' })
  @ApiNoContentResponse({ description: 'it is gone' })
  @ApiErrors(notFound)
  lift(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.blackouts.lift(actor, id);
  }
}
