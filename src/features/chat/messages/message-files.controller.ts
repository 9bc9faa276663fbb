import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { SendsFile, sendFile } from '../../../platform/http/file-reply.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { fileDeleted, VariantQueryDto } from '../../uploads/index.js';
import { chatBanned } from '../chat.errors.js';
import { MessageFiles } from './message-files.service.js';

const Uuid = (name: string, description: string) => ApiParam({ name, description, schema: { type: 'string', format: 'uuid' } });

/** The files of messages. Fastify sends HEAD here as well. */
@ApiTags('chat')
@Controller('chat/messages/:id/files')
export class MessageFilesController {
  constructor(private readonly files: MessageFiles) {}

  @Get(':fileId')
  @RequirePermission(Permission.ChatRead)
  @Uuid('id', 'id of the message')
  @Uuid('fileId', 'id of one of its files')
  @ApiOperation({ operationId: 'getMessageFile', summary: 'Get a file of a message that you may read, or a smaller picture of it, whole or one byte range' })
  @SendsFile()
  @ApiErrors(requestInvalid, notFound, chatBanned, fileDeleted, storageUnavailable)
  async content(
    @CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Param('fileId', IdPipe) fileId: string, @Query() { variant }: VariantQueryDto,
    @Req() request: FastifyRequest, @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendFile(request, reply, await this.files.open(actor, id, fileId, variant), 'same-origin');
  }
}
