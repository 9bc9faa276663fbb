import { applyDecorators, Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../platform/http/validation.js';
import { EntitlementDto, EntitlementListDto, GrantEntitlementDto } from './dto/entitlement.dto.js';
import { GRANTABLE } from './entitlements.rules.js';
import { MemberAdministration } from './member-administration.service.js';
import { permissionNotGrantable } from './members.errors.js';

const MemberAndPermission = () => applyDecorators(ApiParam({ name: 'id', format: 'uuid' }), ApiParam({ name: 'permission', enum: GRANTABLE, example: 'memes.ai' }));

/** Permissions beside those of the role, until a date: for admins. */
@ApiTags('members')
@Controller('members/:id/entitlements')
@RequirePermission(Permission.MembersAdmin)
export class EntitlementsController {
  constructor(private readonly administration: MemberAdministration) {}

  @Get()
  @ApiOperation({ summary: 'What a member may do beside their role (admins)', operationId: 'listEntitlements' })
  @ApiOkResponse({ type: EntitlementListDto })
  @ApiErrors(notFound)
  async list(@Param('id', IdPipe) id: string): Promise<EntitlementListDto> {
    return EntitlementListDto.from(await this.administration.entitlements(id));
  }

  @Put(':permission')
  @MemberAndPermission()
  @ApiOperation({ summary: 'Give a permission until a date, or move that date (admins)', operationId: 'grantEntitlement' })
  @ApiOkResponse({ type: EntitlementDto })
  @ApiErrors(notFound, permissionNotGrantable)
  async grant(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Param('permission') permission: string,
    @Body() { until }: GrantEntitlementDto,
  ): Promise<EntitlementDto> {
    return EntitlementDto.from(await this.administration.grant(actor, id, permission, until));
  }

  @Delete(':permission')
  @HttpCode(204)
  @MemberAndPermission()
  @ApiOperation({ summary: 'Take a permission back before its date (admins)', operationId: 'revokeEntitlement' })
  @ApiNoContentResponse({ description: 'Taken back' })
  @ApiErrors(notFound)
  revoke(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Param('permission') permission: string): Promise<void> {
    return this.administration.revoke(actor, id, permission);
  }
}
