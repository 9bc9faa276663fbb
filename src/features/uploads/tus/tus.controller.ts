import { Controller, Delete, Head, Headers, HttpCode, Options, Param, Patch, Post, Query, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { BodyStream, StreamedBody, StreamsBody } from '../../../platform/http/streamed-body.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { storageFull, storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { TusQueryDto } from '../dto/tus-query.dto.js';
import { fileDeleted, fileEmpty, fileExpired, fileQuota, fileTooLarge, tooManyUnfinished, typeNotAllowed } from '../uploads.errors.js';
import { tusChecksum, tusContentType, tusFinal, tusLocked, tusOffset, tusPartUnfinished, tusVersion } from './tus.errors.js';
import { OFFSET_STREAM, TUS_GREETING, TUS_PATH, TUS_VERSION } from './tus.rules.js';
import { TusService } from './tus.service.js';
import type { TusAnswer, TusHeaders } from './tus.types.js';

const UploadId = () => ApiParam({ name: 'id', description: 'id of the file, the last part of Location', schema: { type: 'string', format: 'uuid' } });
const AskHeader = (name: string, description: string, required = false) => ApiHeader({ name, description, required, schema: { type: 'string' } });
const TusResumable = () => ApiHeader({ name: 'Tus-Resumable', required: true, schema: { type: 'string', enum: [TUS_VERSION] } });
const OffsetBody = () => ApiBody({ required: false, schema: { type: 'string', format: 'binary' } });
const header = (description: string) => ({ description, schema: { type: 'string' } as const });
/** Browsers ask before a call, and clients of the protocol on their own: both get the same answer. */
const AnswersAllOptions = () => RouteConfig({ cors: { strictPreflight: false, preflightContinue: true } });

/** Resumable uploads by the tus protocol 1.0.0, https://tus.io/protocols/resumable-upload. */
@ApiTags('files')
@Controller('files/tus')
@RequirePermission(Permission.FilesWrite)
export class TusController implements OnModuleInit {
  constructor(
    private readonly tus: TusService,
    private readonly adapters: HttpAdapterHost,
  ) {}

  /** The protocol wants its version in every answer, those of the guards included. */
  onModuleInit(): void {
    this.adapters.httpAdapter.getInstance<FastifyInstance>().addHook('onRequest', (request, reply, done) => {
      if (request.method !== 'OPTIONS' && request.routeOptions.url?.startsWith(TUS_PATH)) void reply.headers({ 'Tus-Resumable': TUS_VERSION, 'Tus-Version': TUS_VERSION });
      done();
    });
  }

  @Options()
  @Public()
  @AnswersAllOptions()
  @ApiOperation({ operationId: 'getTusOptions', summary: 'Ask which version and extensions of the tus protocol are spoken' })
  @ApiResponse({ status: 200, description: 'in the headers Tus-Version, Tus-Extension, Tus-Max-Size and Tus-Checksum-Algorithm', schema: { type: 'string', maxLength: 0 } })
  @ApiErrors(requestInvalid)
  options(): Answer {
    return new Answer(200, '', TUS_GREETING);
  }

  @Options(':id')
  @Public()
  @AnswersAllOptions()
  @UploadId()
  @ApiOperation({ operationId: 'getTusUploadOptions', summary: 'Ask the same at the address of an upload' })
  @ApiResponse({ status: 200, description: 'as above', schema: { type: 'string', maxLength: 0 } })
  @ApiErrors(requestInvalid)
  uploadOptions(): Answer {
    return new Answer(200, '', TUS_GREETING);
  }

  @Post()
  @StreamsBody()
  @HttpCode(201)
  @TusResumable()
  @AskHeader('Upload-Length', 'bytes in all; or Upload-Defer-Length: 1, and it is said later')
  @AskHeader('Upload-Metadata', 'filename, filetype (a hint that nobody follows) and purpose, each with its value in Base64, with commas between them')
  @AskHeader('Upload-Concat', 'partial; or final; and the addresses of the parts')
  @AskHeader('Upload-Checksum', 'sha1, sha256 or sha512 of the bytes that come along, in Base64')
  @ApiConsumes(OFFSET_STREAM)
  @OffsetBody()
  @ApiOperation({ operationId: 'createTusUpload', summary: 'Begin a resumable upload, with its first bytes or without', description: 'The last part of Location is the id of the file.' })
  @ApiResponse({
    status: 201, description: 'it has begun',
    headers: { Location: header('where it goes on'), 'Upload-Offset': header('bytes that came along'), 'Upload-Expires': header('until when it is waited for') },
    schema: { type: 'string', maxLength: 0 },
  })
  @ApiErrors(
    requestInvalid, notFound, tusPartUnfinished, fileDeleted, fileExpired, tusVersion, fileTooLarge, fileEmpty, typeNotAllowed, tusLocked, tooManyUnfinished,
    tusChecksum, fileQuota, storageFull, storageUnavailable,
  )
  async create(@CurrentActor() actor: Actor, @BodyStream() body: StreamedBody, @Query() { purpose }: TusQueryDto): Promise<Answer> {
    return answerOf(await this.tus.create(actor.memberId, body, purpose));
  }

  @Head(':id')
  @UploadId()
  @TusResumable()
  @ApiOperation({ operationId: 'getTusUpload', summary: 'Ask how many bytes of an upload are stored', description: 'Ends a request that is still at work on it.' })
  @ApiResponse({
    status: 200, description: 'so far',
    headers: {
      'Upload-Offset': header('bytes that are stored'), 'Upload-Length': header('bytes in all; Upload-Defer-Length: 1 while nobody knows'),
      'Upload-Metadata': header('as it was sent'), 'Upload-Expires': header('until when it is waited for'),
    },
    schema: { type: 'string', maxLength: 0 },
  })
  @ApiErrors(notFound, fileDeleted, fileExpired, tusVersion, tusLocked)
  async look(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Headers() headers: TusHeaders): Promise<Answer> {
    return answerOf(await this.tus.look(actor.memberId, id, headers));
  }

  @Patch(':id')
  @RateLimit('frequent')
  @StreamsBody()
  @HttpCode(204)
  @UploadId()
  @TusResumable()
  @AskHeader('Upload-Offset', 'where these bytes begin', true)
  @AskHeader('Upload-Length', 'bytes in all, when that was not said before')
  @AskHeader('Upload-Checksum', 'sha1, sha256 or sha512 of these bytes, in Base64')
  @ApiConsumes(OFFSET_STREAM)
  @OffsetBody()
  @ApiOperation({ operationId: 'addToTusUpload', summary: 'Add bytes to an upload; the last ones make it a file', description: 'Ends a request that is still at work on it. What was stored when a connection breaks stays.' })
  @ApiResponse({ status: 204, description: 'stored', headers: { 'Upload-Offset': header('bytes that are stored'), 'Upload-Expires': header('until when the rest is waited for') } })
  @ApiErrors(
    requestInvalid, tusFinal, notFound, tusOffset, fileDeleted, fileExpired, tusVersion, fileTooLarge, tusContentType, fileEmpty, typeNotAllowed, tusLocked,
    tusChecksum, fileQuota, storageFull, storageUnavailable,
  )
  async add(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @BodyStream() body: StreamedBody): Promise<Answer> {
    return answerOf(await this.tus.add(actor.memberId, id, body));
  }

  @Delete(':id')
  @StreamsBody()
  @HttpCode(204)
  @UploadId()
  @TusResumable()
  @ApiOperation({ operationId: 'endTusUpload', summary: 'End an upload and free what it holds, also one that is a file by now' })
  @ApiResponse({ status: 204, description: 'it is gone' })
  @ApiErrors(notFound, fileDeleted, fileExpired, tusVersion, tusLocked)
  async end(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Headers() headers: TusHeaders): Promise<Answer> {
    return answerOf(await this.tus.end(actor.memberId, id, headers));
  }

  @Post(':id')
  @RateLimit('frequent')
  @StreamsBody()
  @UploadId()
  @TusResumable()
  @AskHeader('X-HTTP-Method-Override', 'PATCH, HEAD or DELETE', true)
  @ApiConsumes(OFFSET_STREAM)
  @OffsetBody()
  @ApiOperation({ operationId: 'overrideTusMethod', summary: 'PATCH, HEAD or DELETE for clients that can send nothing but POST' })
  @ApiResponse({ status: 204, description: 'as by that method' })
  @ApiErrors(requestInvalid, notFound, tusVersion)
  async override(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @BodyStream() body: StreamedBody): Promise<Answer> {
    return answerOf(await this.tus.override(actor.memberId, id, body));
  }
}

const answerOf = ({ status, headers }: TusAnswer): Answer => new Answer(status, undefined, headers);
