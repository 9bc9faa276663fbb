import { Body, Controller, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../platform/http/rate-limit.js';
import { RequestDevice } from './device.decorator.js';
import { MeDto } from './dto/me.dto.js';
import { ChangePasswordDto, RenameDto } from './dto/member-requests.dto.js';
import { passwordWeak, passwordWrong } from './members.errors.js';
import { MembersService } from './members.service.js';
import type { Device } from './sessions.service.js';

@ApiTags('me')
@Controller('me')
export class MeController {
  constructor(private readonly members: MembersService) {}

  @Get()
  @RequirePermission(Permission.ProfileRead)
  @ApiOperation({ summary: 'Who you are, what you may do, what you have', operationId: 'getMe' })
  @ApiOkResponse({ type: MeDto })
  async get(@CurrentActor() actor: Actor): Promise<MeDto> {
    return MeDto.fromProfile(actor.permissions.names(), await this.members.profile(actor.memberId));
  }

  @Patch()
  @RequirePermission(Permission.ProfileEdit)
  @ApiOperation({ summary: 'Change your name', operationId: 'updateMe' })
  @ApiOkResponse({ type: MeDto })
  async rename(@CurrentActor() actor: Actor, @Body() body: RenameDto): Promise<MeDto> {
    return MeDto.fromProfile(actor.permissions.names(), await this.members.edit(actor.memberId, body));
  }

  @Post('password')
  @RequirePermission(Permission.AccountManage)
  @RateLimit('auth')
  @HttpCode(204)
  @ApiOperation({ summary: 'Change your password', operationId: 'changePassword', description: 'Ends every session, this one included, and every API token.' })
  @ApiNoContentResponse({ description: 'Changed; sign in again' })
  @ApiErrors(passwordWrong, passwordWeak)
  changePassword(@CurrentActor() actor: Actor, @Body() body: ChangePasswordDto, @RequestDevice() device: Device): Promise<void> {
    return this.members.changePassword(actor.memberId, body, device.ip);
  }
}
