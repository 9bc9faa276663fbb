import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { svgAnswer } from '../../../platform/http/svg.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { PassKeysDto } from '../dto/pass-keys.dto.js';
import { wrongState } from '../parking.errors.js';
import { PassSigning } from './pass-signing.service.js';
import { Passes } from './passes.service.js';

/** What is shown at gates, and what gates check it with. */
@ApiTags('parking')
@Controller()
export class PassesController {
  constructor(
    private readonly passes: Passes,
    private readonly signing: PassSigning,
  ) {}

  @Get('reservations/:id/pass.svg')
  @RequirePermission(Permission.ParkingRead)
  @ApiParam({ name: 'id', description: 'id of the reservation', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({
    operationId: 'drawParkingPass',
    summary: 'Get the pass of a confirmed reservation, a QR code that opens the gate',
    description: 'It holds a compact JWS (RFC 7515) signed with Ed25519, which a gate checks with the keys of `GET /api/parking/pass-keys` and no line to this server. '
      + 'Claims: `iss`; `sub`, the reservation; `garage`, its id; `spot`, its label; `plate`, such as `DE BAB123`; `nbf` and `exp`, the stay with the grace of the garage.',
  })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse({ description: 'an SVG picture', schema: { type: 'string' } })
  @ApiErrors(notFound, wrongState)
  async draw(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<Answer> {
    return svgAnswer(await this.passes.draw(actor, id));
  }

  @Get('parking/pass-keys')
  @Public()
  @ApiOperation({ operationId: 'getParkingPassKeys', summary: 'Get the public keys that passes are checked with, as a JWK Set' })
  @ApiOkResponse({ type: PassKeysDto })
  keys(): Answer<PassKeysDto> {
    return new Answer(200, PassKeysDto.from(this.signing.publicKeys), { 'Cache-Control': 'public, max-age=3600' });
  }
}
