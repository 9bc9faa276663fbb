import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { FileLinkDto, LinkFileDto } from '../dto/file-link.dto.js';
import { FilePageDto } from '../dto/file-page.dto.js';
import { FileQuotaDto } from '../dto/file-quota.dto.js';
import { FileDto } from '../dto/file.dto.js';
import { fileDeleted, fileExpired, fileNotReady } from '../uploads.errors.js';
import { FileLinks } from './file-links.service.js';
import { OwnFiles } from './own-files.service.js';

const FileId = () => ApiParam({ name: 'id', description: 'id of the file', schema: { type: 'string', format: 'uuid' } });

@ApiTags('files')
@Controller('files')
export class FilesController {
  constructor(
    private readonly files: OwnFiles,
    private readonly links: FileLinks,
  ) {}

  @Get()
  @RequirePermission(Permission.FilesRead)
  @ApiOperation({ operationId: 'listFiles', summary: 'List your files, newest first', description: 'From the first byte on, refused ones included; without those that are deleted or expired.' })
  @ApiOkResponse({ type: FilePageDto })
  @ApiErrors(requestInvalid)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQueryDto): Promise<FilePageDto> {
    return FilePageDto.from(await this.files.list(actor.memberId, query));
  }

  @Get('quota')
  @RequirePermission(Permission.FilesRead)
  @ApiOperation({ operationId: 'getFileQuota', summary: 'Get how much you have stored, and how much you may' })
  @ApiOkResponse({ type: FileQuotaDto })
  async quota(@CurrentActor() actor: Actor): Promise<FileQuotaDto> {
    return FileQuotaDto.from(await this.files.quota(actor.memberId));
  }

  @Get(':id')
  @RequirePermission(Permission.FilesRead)
  @FileId()
  @ApiOperation({ operationId: 'getFile', summary: 'Get what is known of one of your files, and its state' })
  @ApiOkResponse({ type: FileDto })
  @ApiErrors(notFound, fileDeleted, fileExpired)
  async get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<FileDto> {
    return FileDto.from(await this.files.get(actor.memberId, id));
  }

  @Post(':id/links')
  @RequirePermission(Permission.FilesRead)
  @FileId()
  @ApiOperation({ operationId: 'linkFile', summary: 'Make a link that shows one of your files to whoever has it', description: 'Good without login for its time, or until the file is deleted.' })
  @ApiCreatedResponse({ type: FileLinkDto })
  @ApiErrors(requestInvalid, notFound, fileNotReady, fileDeleted, fileExpired)
  async link(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: LinkFileDto): Promise<FileLinkDto> {
    return FileLinkDto.from(await this.links.link(actor.memberId, id, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission(Permission.FilesWrite)
  @FileId()
  @ApiOperation({ operationId: 'deleteFile', summary: 'Delete one of your files, also while it is uploaded or checked' })
  @ApiNoContentResponse({ description: 'it is gone, and its bytes do not count any more' })
  @ApiErrors(notFound, fileDeleted, fileExpired)
  async delete(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    await this.files.delete(actor.memberId, id);
  }
}
