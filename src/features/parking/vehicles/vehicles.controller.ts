import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { AddVehicleDto, EditVehicleDto, VehicleDto, VehiclePageDto } from '../dto/vehicle.dto.js';
import { tooManyVehicles, vehicleExists, vehicleInUse } from '../parking.errors.js';
import { Vehicles } from './vehicles.service.js';

const EDIT_EXAMPLES = { plate: { summary: 'it has a new plate', value: { license: 'B-PZ 2027' } } };

@ApiTags('parking')
@Controller('vehicles')
export class VehiclesController {
  constructor(private readonly vehicles: Vehicles) {}

  @Post()
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({ operationId: 'addVehicle', summary: 'Add a vehicle of yours' })
  @ApiBody({ type: AddVehicleDto })
  @ApiCreatedResponse({ type: VehicleDto, description: 'the vehicle; Location is where it is' })
  @ApiErrors(requestInvalid, vehicleExists, tooManyVehicles)
  async add(@CurrentActor() actor: Actor, @Body() body: AddVehicleDto): Promise<Answer> {
    const vehicle = await this.vehicles.add(actor, body);
    return new Answer(201, VehicleDto.from(vehicle), { Location: `/api/vehicles/${vehicle.id}` });
  }

  @Get()
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({ operationId: 'listVehicles', summary: 'List your vehicles, oldest first' })
  @ApiOkResponse({ type: VehiclePageDto })
  @ApiErrors(requestInvalid)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<VehiclePageDto> {
    return VehiclePageDto.from(await this.vehicles.list(actor, query));
  }

  @Get(':id')
  @RequirePermission(Permission.ParkingRead)
  @ApiOperation({ operationId: 'getVehicle', summary: 'Get a vehicle of yours' })
  @ApiOkResponse({ type: VehicleDto })
  @ApiErrors(notFound)
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<VehicleDto> {
    return VehicleDto.from(await this.vehicles.get(actor, id));
  }

  @Patch(':id')
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({ operationId: 'editVehicle', summary: 'Change a vehicle of yours', description: 'What is left out stays. Its size cannot change while it has reservations that are not over.' })
  @ApiBody({ type: EditVehicleDto, examples: EDIT_EXAMPLES })
  @ApiOkResponse({ type: VehicleDto })
  @ApiErrors(requestInvalid, notFound, vehicleExists, vehicleInUse)
  async edit(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: EditVehicleDto): Promise<VehicleDto> {
    return VehicleDto.from(await this.vehicles.edit(actor, id, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission(Permission.ParkingBook)
  @ApiOperation({ operationId: 'deleteVehicle', summary: 'Delete a vehicle of yours', description: 'Not while it has reservations that are not over. What it waits for ends.' })
  @ApiNoContentResponse({ description: 'it is gone' })
  @ApiErrors(notFound, vehicleInUse)
  delete(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    return this.vehicles.delete(actor, id);
  }
}
