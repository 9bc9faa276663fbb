import { Readable } from 'node:stream';
import { applyDecorators, Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { fileAnswer } from '../../../platform/http/file-answer.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { VariantQueryDto } from '../dto/variant-query.dto.js';
import { fileDeleted, fileExpired, fileLinkExpired, fileLinkInvalid, fileNotReady } from '../uploads.errors.js';
import { VARIANT_KINDS } from '../uploads.types.js';
import { FileContents, type ServedFile } from './file-contents.service.js';
import { FileLinks } from './file-links.service.js';

/** Whatever is in a file runs nothing and loads nothing, even where a browser shows it. */
const INERT = "default-src 'none'; sandbox";

const SendsFile = () =>
  applyDecorators(
    ApiParam({ name: 'id', description: 'id of the file', schema: { type: 'string', format: 'uuid' } }),
    ApiProduces('application/octet-stream', 'image/*', 'video/*', 'audio/*', 'text/plain'),
    ApiResponse({ status: 200, description: 'the file' }),
    ApiResponse({ status: 206, description: 'the range asked for' }),
    ApiResponse({ status: 304, description: 'the client has it already (If-None-Match)' }),
    ApiResponse({ status: 416, description: 'the file is shorter than that; Content-Range has its size' }),
  );

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
  @SendsFile()
  @ApiErrors(requestInvalid, notFound, fileNotReady, fileDeleted, fileExpired, storageUnavailable)
  async content(
    @CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Query() { variant }: VariantQueryDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.send(request, reply, await this.contents.own(actor.memberId, id, variant), 'same-origin');
  }

  @Get(':id/shared')
  @Public()
  @ApiOperation({ operationId: 'getSharedFile', summary: 'Get the file behind a signed link, whole or one byte range' })
  @ApiQuery({ name: 'variant', required: false, enum: VARIANT_KINDS, description: 'which smaller picture the link is for' })
  @ApiQuery({ name: 'expires', schema: { type: 'string' }, description: 'Unix time in seconds' })
  @ApiQuery({ name: 'key', schema: { type: 'string' }, description: 'which key signed' })
  @ApiQuery({ name: 'signature', schema: { type: 'string' }, description: 'HMAC-SHA256, hex' })
  @SendsFile()
  @ApiErrors(fileLinkInvalid, fileLinkExpired, notFound, fileDeleted, storageUnavailable)
  async shared(@Param('id') id: string, @Query() query: Record<string, unknown>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    // Pages of any site may show what its link gives to anybody.
    await this.send(request, reply, await this.links.file(id, query), 'cross-origin');
  }

  private async send(request: FastifyRequest, reply: FastifyReply, file: ServedFile, embeddedBy: 'same-origin' | 'cross-origin'): Promise<void> {
    const { status, headers, body } = fileAnswer(request, file);
    // Fastify destroys the stream when the client goes away. On HEAD it replaces the Content-Length of anything but a stream.
    const bytes = body ? await file.open(body === 'whole' ? undefined : body) : Readable.from([]);
    // Also with a 304, whose headers replace those that the client has kept.
    await reply.status(status).headers({ ...headers, 'Content-Security-Policy': INERT, 'Cross-Origin-Resource-Policy': embeddedBy }).send(bytes);
  }
}
