import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../platform/http/rate-limit.js';
import { IdPipe } from '../../platform/http/validation.js';
import { RequestDevice } from './device.decorator.js';
import { DirectoryPageDto, MemberRecordDto, MemberRecordPageDto } from './dto/member.dto.js';
import { ChangeRightsDto, MembersQueryDto, RegisterDto } from './dto/member-requests.dto.js';
import { SignedInDto } from './dto/session.dto.js';
import { MemberAdministration } from './member-administration.service.js';
import { emailTaken, ownAccount, passwordWeak } from './members.errors.js';
import { MembersService } from './members.service.js';
import type { Device } from './sessions.service.js';

@ApiTags('members')
@Controller('members')
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly administration: MemberAdministration,
  ) {}

  @Post()
  @Public()
  @RateLimit('auth')
  @ApiOperation({ summary: 'Sign up', operationId: 'register', description: 'A new member starts with 5 credits.' })
  @ApiCreatedResponse({ type: SignedInDto })
  @ApiErrors(emailTaken, passwordWeak)
  async register(@Body() body: RegisterDto, @RequestDevice() device: Device): Promise<SignedInDto> {
    return SignedInDto.from(await this.members.register(body, device));
  }

  @Get('directory')
  @RequirePermission(Permission.MembersDirectory)
  @ApiOperation({ summary: 'Find other members by name', operationId: 'listDirectory' })
  @ApiOkResponse({ type: DirectoryPageDto })
  async directory(@Query() query: MembersQueryDto): Promise<DirectoryPageDto> {
    return DirectoryPageDto.from(await this.members.directory(query));
  }

  @Get()
  @RequirePermission(Permission.MembersAdmin)
  @ApiOperation({ summary: 'Every member, newest first (admins)', operationId: 'listMembers' })
  @ApiOkResponse({ type: MemberRecordPageDto })
  async list(@Query() query: MembersQueryDto): Promise<MemberRecordPageDto> {
    return MemberRecordPageDto.from(await this.administration.list(query));
  }

  @Patch(':id')
  @RequirePermission(Permission.MembersAdmin)
  @ApiOperation({ summary: 'Change a role, lock out, let in (admins)', operationId: 'changeMemberRights' })
  @ApiOkResponse({ type: MemberRecordDto })
  @ApiErrors(ownAccount, notFound)
  async changeRights(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: ChangeRightsDto): Promise<MemberRecordDto> {
    return MemberRecordDto.from(await this.administration.changeRights(actor, id, body));
  }
}
