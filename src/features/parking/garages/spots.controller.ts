import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { NoBody } from '../../../platform/http/no-body.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { AddSpotDto, RetiredSpotDto, RetireSpotDto, SpotDto, SpotListDto } from '../dto/spot.dto.js';
import { labelTaken, windowInvalid, windowPast } from '../parking.errors.js';
import { Spots } from './spots.service.js';

const ADD_EXAMPLES = {
  plain: { summary: 'an ordinary spot', value: { label: 'A-12', size: 'regular' } },
  charging: { summary: 'a covered one with a charger', value: { label: 'E-1', size: 'regular', features: ['ev', 'covered'], ord: 10 } },
};
const RETIRE_EXAMPLES = { soon: { summary: 'from the next quarter-hour on, moving who can be moved', value: { reallocate: true } }, list: { summary: 'only say who is concerned', value: {} } };

@ApiTags('parking')
@Controller()
export class SpotsController {
  constructor(private readonly spots: Spots) {}

  @Post('garages/:id/spots')
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({ operationId: 'addSpot', summary: 'Add a spot to a garage', description: 'In use at once, but for blackouts of the garage. Whoever waits for such a spot is offered it first.' })
  @ApiBody({ type: AddSpotDto, examples: ADD_EXAMPLES })
  @ApiCreatedResponse({ type: SpotDto })
  @ApiErrors(requestInvalid, notFound, labelTaken)
  async add(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: AddSpotDto): Promise<SpotDto> {
    return SpotDto.from(await this.spots.add(actor, id, body));
  }

  @Get('garages/:id/spots')
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({ operationId: 'listSpots', summary: 'List the spots of a garage, retired ones too' })
  @ApiOkResponse({ type: SpotListDto })
  @ApiErrors(notFound)
  async list(@Param('id', IdPipe) id: string): Promise<SpotListDto> {
    return SpotListDto.from(await this.spots.list(id));
  }

  @Post('spots/:id/retire')
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({
    operationId: 'retireSpot',
    summary: 'Take a spot out of use',
    description: 'Nobody gets it any more for a time after `from`. Stays that it has after that are listed, or given other spots that fit as well; who has checked in stays. Ask again to move what is left.',
  })
  @ApiBody({ type: RetireSpotDto, examples: RETIRE_EXAMPLES })
  @ApiCreatedResponse({ type: RetiredSpotDto })
  @ApiErrors(requestInvalid, windowInvalid, notFound, windowPast)
  async retire(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: RetireSpotDto): Promise<RetiredSpotDto> {
    const { spot, ...moved } = await this.spots.retire(actor, id, body);
    return RetiredSpotDto.from(spot, moved);
  }

  @Post('spots/:id/restore')
  @NoBody()
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({ operationId: 'restoreSpot', summary: 'Bring a spot back into use', description: 'Whoever waits for such a spot is offered it first.' })
  @ApiCreatedResponse({ type: SpotDto })
  @ApiErrors(notFound)
  async restore(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<SpotDto> {
    return SpotDto.from(await this.spots.restore(actor, id));
  }
}
