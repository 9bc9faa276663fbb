import { Body, Controller, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { DeskQueryDto, OperatorReservationPageDto } from '../dto/garage-desk.dto.js';
import { EditGarageDto, GarageDto, MakeGarageDto } from '../dto/garage.dto.js';
import { SetTariffDto, TariffDto } from '../dto/tariff.dto.js';
import { tariffInvalid } from '../parking.errors.js';
import { GarageDesk } from './garage-desk.service.js';
import { Garages } from './garages.service.js';

const A_GARAGE = { name: 'Harbour garage', address: 'Am Kai 1, Berlin', zipcode: '10115', lat: 52.531, lon: 13.385, timeZone: 'Europe/Berlin', currency: 'EUR' };
const A_RATE = { hourlyMinor: 250, dailyCapMinor: 2000 };
const RATES = { compact: A_RATE, regular: A_RATE, large: { hourlyMinor: 400 } };
const MAKE_EXAMPLES = {
  plain: { summary: 'one rate for each size', value: { ...A_GARAGE, rates: RATES } },
  strict: { summary: 'who cancels late gets half back, or nothing', value: { ...A_GARAGE, cancellation: [{ minutesBefore: 1440, refundPercent: 100 }, { minutesBefore: 60, refundPercent: 50 }], rates: RATES } },
};
const EDIT_EXAMPLES = { hold: { summary: 'a quarter of an hour to pay, a day at most', value: { holdSeconds: 900, maxMinutes: 1440 } } };
const ALWAYS = [{ size: 'compact', ...A_RATE }, { size: 'regular', ...A_RATE }, { size: 'large', hourlyMinor: 400 }];
const TARIFF_EXAMPLES = {
  nights: { summary: 'nights and weekends are cheaper', value: { elements: [{ size: 'regular', hourlyMinor: 100, startTime: '18:00', endTime: '06:00' }, { size: 'regular', hourlyMinor: 150, daysOfWeek: ['SATURDAY', 'SUNDAY'] }, ...ALWAYS] } },
};

@ApiTags('parking')
@Controller('garages')
export class GaragesController {
  constructor(
    private readonly garages: Garages,
    private readonly desk: GarageDesk,
  ) {}

  @Post()
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({ operationId: 'makeGarage', summary: 'Make a garage', description: 'It has no spots yet. Its time zone and currency stay; all else can be changed.' })
  @ApiBody({ type: MakeGarageDto, examples: MAKE_EXAMPLES })
  @ApiCreatedResponse({ type: GarageDto, description: 'the garage; Location is where it is' })
  @ApiErrors(requestInvalid)
  async make(@CurrentActor() actor: Actor, @Body() body: MakeGarageDto): Promise<Answer> {
    const { garage, elements, counts } = await this.garages.make(actor, body);
    return new Answer(201, GarageDto.from(garage, elements, counts), { Location: `/api/garages/${garage.id}` });
  }

  @Patch(':id')
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({ operationId: 'editGarage', summary: 'Change how a garage is let', description: 'What is left out stays. Reservations that there are go on as they were made.' })
  @ApiBody({ type: EditGarageDto, examples: EDIT_EXAMPLES })
  @ApiOkResponse({ type: GarageDto })
  @ApiErrors(requestInvalid, notFound)
  async edit(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: EditGarageDto): Promise<GarageDto> {
    const { garage, elements, counts } = await this.garages.edit(actor, id, body);
    return GarageDto.from(garage, elements, counts);
  }

  @Put(':id/tariff')
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({
    operationId: 'setTariff',
    summary: 'Set the prices that new reservations go by',
    description: 'Of the elements of a size the first that matches a local time holds; the last of each size has no days and hours. Reservations that there are keep their prices, and so do quotes.',
  })
  @ApiBody({ type: SetTariffDto, examples: TARIFF_EXAMPLES })
  @ApiOkResponse({ type: TariffDto })
  @ApiErrors(requestInvalid, notFound, tariffInvalid)
  async setTariff(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: SetTariffDto): Promise<TariffDto> {
    const { version, elements } = await this.garages.setTariff(actor, id, body.elements);
    return TariffDto.from(version, elements);
  }

  @Get(':id/reservations')
  @RequirePermission(Permission.ParkingOperate)
  @ApiOperation({ operationId: 'listGarageReservations', summary: 'List the reservations of a garage, the earliest start first', description: 'With whose they are and the licence plates, for the desk at the gate.' })
  @ApiOkResponse({ type: OperatorReservationPageDto })
  @ApiErrors(requestInvalid, notFound)
  async reservations(@Param('id', IdPipe) id: string, @Query() query: DeskQueryDto): Promise<OperatorReservationPageDto> {
    return OperatorReservationPageDto.from(await this.desk.list(id, query));
  }
}
