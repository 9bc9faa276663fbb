import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../platform/auth/decorators.js';
import { Permission } from '../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../platform/errors/house.errors.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../platform/http/validation.js';
import { ListMemesQueryDto } from './dto/list-memes-query.dto.js';
import { MemeDto, MemePageDto } from './dto/meme.dto.js';
import { MemesService } from './memes.service.js';

/** Memes as members see them: lists by words, template and kind, and single ones. */
@ApiTags('memes')
@Controller('memes')
export class MemesController {
  constructor(private readonly memes: MemesService) {}

  @Get()
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'listMemes', summary: 'List memes, newest first' })
  @ApiOkResponse({ type: MemePageDto })
  @ApiErrors(requestInvalid)
  async list(@CurrentActor() actor: Actor, @Query() query: ListMemesQueryDto): Promise<MemePageDto> {
    return MemePageDto.from(await this.memes.list(actor, query));
  }

  @Get(':id')
  @RequirePermission(Permission.MemesRead)
  @ApiOperation({ operationId: 'getMeme', summary: 'Get one meme' })
  @ApiParam({ name: 'id', description: 'id of the meme', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ type: MemeDto })
  @ApiErrors(notFound)
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<MemeDto> {
    return MemeDto.from(await this.memes.get(actor, id));
  }
}
