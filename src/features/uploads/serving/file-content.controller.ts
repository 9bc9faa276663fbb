import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { SendsFile, sendFile } from '../../../platform/http/file-reply.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { VariantQueryDto } from '../dto/variant-query.dto.js';
import { fileDeleted, fileExpired, fileLinkExpired, fileLinkInvalid, fileNotReady } from '../uploads.errors.js';
import { VARIANT_KINDS } from '../uploads.types.js';
import { FileContents } from './file-contents.service.js';
import { FileLinks } from './file-links.service.js';

const FileId = () => ApiParam({ name: 'id', description: 'id of the file', schema: { type: 'string', format: 'uuid' } });

/** The bytes of files. Fastify sends HEAD here as well. */
@ApiTags('files')
@Controller('files')
export class FileContentController {
  constructor(
    private readonly contents: FileContents,
    private readonly links: FileLinks,
  ) {}

  @Get(':id/content')
  @RequirePermission(Permission.FilesRead)
  @ApiOperation({ operationId: 'getFileContent', summary: 'Get one of your files, or a smaller picture of it, whole or one byte range' })
  @FileId()
  @SendsFile()
  @ApiErrors(requestInvalid, notFound, fileNotReady, fileDeleted, fileExpired, storageUnavailable)
  async content(
    @CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Query() { variant }: VariantQueryDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendFile(request, reply, await this.contents.own(actor.memberId, id, variant), 'same-origin');
  }

  @Get(':id/shared')
  @Public()
  @ApiOperation({ operationId: 'getSharedFile', summary: 'Get the file behind a signed link, whole or one byte range' })
  @ApiQuery({ name: 'variant', required: false, enum: VARIANT_KINDS, description: 'which smaller picture the link is for' })
  @ApiQuery({ name: 'expires', schema: { type: 'string' }, description: 'Unix time in seconds' })
  @ApiQuery({ name: 'key', schema: { type: 'string' }, description: 'which key signed' })
  @ApiQuery({ name: 'signature', schema: { type: 'string' }, description: 'HMAC-SHA256, hex' })
  @FileId()
  @SendsFile()
  @ApiErrors(fileLinkInvalid, fileLinkExpired, notFound, fileDeleted, storageUnavailable)
  async shared(@Param('id') id: string, @Query() query: Record<string, unknown>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    // Pages of any site may show what its link gives to anybody.
    await sendFile(request, reply, await this.links.file(id, query), 'cross-origin');
  }
}
