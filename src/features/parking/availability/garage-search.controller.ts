import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { svgAnswer } from '../../../platform/http/svg.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { AvailabilityDto, AvailabilityQueryDto, WindowQueryDto } from '../dto/availability.dto.js';
import { GarageOfferDto, GarageOfferPageDto, GarageQueryDto, SearchGaragesQueryDto } from '../dto/garage-search.dto.js';
import { OccupancyTableQueryDto } from '../dto/occupancy.dto.js';
import { windowInvalid, windowPast, windowTooFar, windowTooLong, windowTooShort } from '../parking.errors.js';
import { Availability } from './availability.service.js';
import { GarageSearch } from './garage-search.service.js';
import { OccupancyReports } from './occupancy.service.js';

const GarageId = () => ApiParam({ name: 'id', description: 'id of the garage', schema: { type: 'string', format: 'uuid' } });

/** Garages, and when they have room. */
@ApiTags('parking')
@Controller('garages')
export class GarageSearchController {
  constructor(
    private readonly garages: GarageSearch,
    private readonly availability: Availability,
    private readonly occupancy: OccupancyReports,
  ) {}

  @Get()
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({
    operationId: 'searchGarages',
    summary: 'Search garages',
    description: 'With `from` and `to` each comes with its free spots and its price; garages without a free spot are among them, those that take no reservations of that time are not.',
  })
  @ApiOkResponse({ type: GarageOfferPageDto })
  @ApiErrors(requestInvalid, windowInvalid, windowPast)
  async search(@CurrentActor() actor: Actor, @Query() query: SearchGaragesQueryDto): Promise<GarageOfferPageDto> {
    return GarageOfferPageDto.from(await this.garages.search(actor, query));
  }

  @Get(':id')
  @RequirePermission(Permission.ParkingRead)
  @GarageId()
  @ApiOperation({ operationId: 'getGarage', summary: 'Get a garage; with `from` and `to` also its free spots and its price then' })
  @ApiOkResponse({ type: GarageOfferDto })
  @ApiErrors(requestInvalid, windowInvalid, notFound, windowPast, windowTooFar, windowTooLong, windowTooShort)
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Query() query: GarageQueryDto): Promise<GarageOfferDto> {
    return GarageOfferDto.ofOffer(await this.garages.get(actor, id, query));
  }

  @Get(':id/availability')
  @RequirePermission(Permission.ParkingRead)
  @GarageId()
  @ApiOperation({
    operationId: 'getAvailability',
    summary: 'Get how many spots are free, step by step',
    description: 'A spot counts where it is free for all of a step. Spots for others, such as accessible ones, do not count; the past is in `occupancy.csv`.',
  })
  @ApiOkResponse({ type: AvailabilityDto })
  @ApiErrors(requestInvalid, windowInvalid, notFound)
  async free(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Query() query: AvailabilityQueryDto): Promise<AvailabilityDto> {
    return AvailabilityDto.from(await this.availability.of(actor, id, query));
  }

  @Get(':id/occupancy.svg')
  @RequirePermission(Permission.ParkingRead)
  @GarageId()
  @ApiOperation({
    operationId: 'drawOccupancy',
    summary: 'See the taken spots of a garage as a chart',
    description: 'What was and will be taken, by stays and by blackouts: the week around now unless `from` and `to` are given. By quarter-hours up to 31 days; above that, up to 400 days, by days at their busiest.',
  })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse({ description: 'an SVG picture', schema: { type: 'string' } })
  @ApiErrors(requestInvalid, windowInvalid, notFound)
  async draw(@Param('id', IdPipe) id: string, @Query() query: WindowQueryDto): Promise<Answer> {
    return svgAnswer(await this.occupancy.draw(id, query));
  }

  @Get(':id/occupancy.csv')
  @RequirePermission(Permission.ParkingRead)
  @GarageId()
  @ApiOperation({
    operationId: 'downloadOccupancy',
    summary: 'Download the taken and the free spots of a garage',
    description: 'CSV with the columns from, to, size, total, taken and free: a line for each step and size, at its busiest quarter-hour; of the week around now unless `from` and `to` are given. Blackouts count as taken; total are the spots in use then.',
  })
  @ApiProduces('text/csv')
  @ApiOkResponse({ description: 'the file', schema: { type: 'string' } })
  @ApiErrors(requestInvalid, windowInvalid, notFound)
  async download(@Param('id', IdPipe) id: string, @Query() query: OccupancyTableQueryDto): Promise<Answer> {
    return new Answer(200, await this.occupancy.csv(id, query), { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': `attachment; filename="occupancy-${id}.csv"` });
  }
}
