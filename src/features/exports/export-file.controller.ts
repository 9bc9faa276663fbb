import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../platform/auth/decorators.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { ApiErrors } from '../../platform/http/api-errors.decorator.js';
import { fileAnswer } from '../../platform/http/file-answer.js';
import { storageUnavailable } from '../../platform/storage/storage.errors.js';
import { ExportDownloads } from './export-downloads.service.js';
import { exportExpired, linkExpired, linkInvalid } from './exports.errors.js';
import { FILE_MEDIA_TYPES } from './exports.rules.js';

/** The end of a signed link: no login, the signature is the key. Fastify sends HEAD here as well. */
@ApiTags('exports')
@Controller('exports')
export class ExportFileController {
  constructor(private readonly downloads: ExportDownloads) {}

  @Get(':id/file')
  @Public()
  @ApiOperation({ operationId: 'getExportFile', summary: 'Get the file behind a signed link, whole or one byte range' })
  @ApiParam({ name: 'id', description: 'id of the export', schema: { type: 'string' } })
  @ApiQuery({ name: 'expires', schema: { type: 'string' }, description: 'Unix time in seconds' })
  @ApiQuery({ name: 'key', schema: { type: 'string' }, description: 'which key signed' })
  @ApiQuery({ name: 'signature', schema: { type: 'string' }, description: 'HMAC-SHA256, hex' })
  @ApiProduces(...FILE_MEDIA_TYPES)
  @ApiResponse({ status: 200, description: 'the file' })
  @ApiResponse({ status: 206, description: 'the range asked for' })
  @ApiResponse({ status: 304, description: 'the client has it already (If-None-Match)' })
  @ApiResponse({ status: 416, description: 'the file is shorter than that; Content-Range has its size' })
  @ApiErrors(linkInvalid, linkExpired, exportExpired, notFound, storageUnavailable)
  async file(
    @Param('id') id: string, @Query() query: Record<string, unknown>, @Req() request: FastifyRequest, @Res() reply: FastifyReply,
  ): Promise<void> {
    const file = await this.downloads.file(id, query);
    const { status, headers, body } = fileAnswer(request, file);
    // Fastify destroys the stream when the client goes away. On HEAD it replaces the Content-Length of anything but a stream.
    const bytes = body ? await file.open(body === 'whole' ? undefined : body) : Readable.from([]);
    await reply.status(status).headers(headers).send(bytes);
  }
}
