import { Body, Controller, HttpCode, Post, Put, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { requestInvalid, requestTooLarge } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { idempotencyInProgress, idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { IdempotencyKey, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { BodyLimit, BodyStream, StreamsBody, type StreamedBody } from '../../../platform/http/streamed-body.js';
import { storageFull, storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { FileDto } from '../dto/file.dto.js';
import { Base64UploadDto, FileListDto, RawUploadQueryDto, UploadQueryDto } from '../dto/upload.dto.js';
import { fileEmpty, fileQuota, fileTooLarge, tooManyUnfinished, typeNotAllowed } from '../uploads.errors.js';
import { MIB } from '../uploads.rules.js';
import type { FileRecord } from '../uploads.types.js';
import { Base64Door } from './base64-door.service.js';
import { base64Invalid, digestMismatch, encodingInvalid, encodingUnsupported, fileBomb, multipartMalformed, tooManyFiles } from './doors.errors.js';
import { FileArrivals } from './file-arrivals.service.js';
import { MultipartDoor } from './multipart-door.service.js';
import { RawDoor } from './raw-door.service.js';

/** 5 MiB in base64, with a name and a data URL's beginning. */
const BASE64_BODY_BYTES = 7 * MIB;

const AT_EVERY_DOOR = [requestInvalid, fileEmpty, typeNotAllowed, fileQuota, storageFull, storageUnavailable, tooManyUnfinished, idempotencyInProgress, idempotencyKeyReused];

const one = ([record]: FileRecord[]): Answer => new Answer(201, FileDto.from(record!), { Location: `/api/files/${record!.id}` });
const all = (records: FileRecord[]): Answer => new Answer(201, FileListDto.from(records));

/** Where files come in whole: in a form, in JSON, or as the body itself. */
@ApiTags('files')
@Controller('files')
@RequirePermission(Permission.FilesWrite)
export class UploadDoorsController {
  constructor(
    private readonly forms: MultipartDoor,
    private readonly texts: Base64Door,
    private readonly bodies: RawDoor,
    private readonly arrivals: FileArrivals,
  ) {}

  @Post()
  @StreamsBody()
  @ApiOperation({ operationId: 'uploadFiles', summary: 'Upload up to 10 files in a form', description: '32 MiB each, 100 MiB in all. All are taken or none.' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: { type: 'object', required: ['file'], properties: { file: { type: 'array', minItems: 1, maxItems: 10, items: { type: 'string', format: 'binary' } } } } })
  @ApiCreatedResponse({ type: FileListDto, description: 'all are there, and are checked now' })
  @ApiErrors(...AT_EVERY_DOOR, fileTooLarge, multipartMalformed, tooManyFiles)
  async form(
    @CurrentActor() { memberId }: Actor, @Query() { purpose }: UploadQueryDto, @BodyStream() body: StreamedBody, @IdempotencyKey() key: IdempotencyRequest,
  ): Promise<Answer> {
    return this.arrivals.accept(key, await this.forms.receive(memberId, purpose, body), all);
  }

  @Post('base64')
  @BodyLimit(BASE64_BODY_BYTES)
  @ApiOperation({ operationId: 'uploadEncoded', summary: 'Upload a file of up to 5 MiB as base64 in JSON' })
  @ApiCreatedResponse({ type: FileDto, description: 'it is there, and is checked now' })
  @ApiErrors(...AT_EVERY_DOOR, fileTooLarge, base64Invalid, requestTooLarge)
  async base64(
    @CurrentActor() { memberId }: Actor, @Query() { purpose }: UploadQueryDto, @Body() body: Base64UploadDto, @IdempotencyKey({ hashesBody: false }) key: IdempotencyRequest,
  ): Promise<Answer> {
    return this.arrivals.accept(key, [await this.texts.receive(memberId, purpose, body)], one);
  }

  @Put('raw')
  @HttpCode(201)
  @StreamsBody()
  @ApiOperation({ operationId: 'uploadRaw', summary: 'Upload a file as the body itself, of any size', description: 'With a Content-Length or in chunks, of any Content-Type.' })
  @ApiConsumes('application/octet-stream')
  @ApiHeader({ name: 'Content-Encoding', required: false, schema: { type: 'string', enum: ['identity', 'gzip', 'br'] }, description: 'how the body is packed; it is stored unpacked, and may not grow to more than 100 times its size' })
  @ApiHeader({ name: 'Content-Digest', required: false, schema: { type: 'string' }, description: 'RFC 9530, of the body as it is sent: `sha-256=:<base64>:`' })
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiCreatedResponse({ type: FileDto, description: 'it is there, and is checked now' })
  @ApiErrors(...AT_EVERY_DOOR, fileBomb, digestMismatch, encodingInvalid, encodingUnsupported)
  async raw(
    @CurrentActor() { memberId }: Actor, @Query() query: RawUploadQueryDto, @BodyStream() body: StreamedBody, @IdempotencyKey() key: IdempotencyRequest,
  ): Promise<Answer> {
    return this.arrivals.accept(key, [await this.bodies.receive(memberId, query, body)], one);
  }
}
