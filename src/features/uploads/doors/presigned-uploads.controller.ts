import { Body, Controller, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound, requestInvalid, serverBusy } from '../../../platform/errors/house.errors.js';
import { ApiErrors } from '../../../platform/http/api-errors.decorator.js';
import { IdPipe } from '../../../platform/http/validation.js';
import { storageFull, storageUnavailable } from '../../../platform/storage/storage.errors.js';
import { FileDto } from '../dto/file.dto.js';
import { PresignDto, PresignedUploadDto } from '../dto/presigned-upload.dto.js';
import { UploadQueryDto } from '../dto/upload.dto.js';
import { fileDeleted, fileEmpty, fileExpired, fileQuota, fileSizeMismatch, fileTooLarge, tooManyUnfinished, typeNotAllowed } from '../uploads.errors.js';
import { digestMismatch, fileNotUploaded, presignUnavailable } from './doors.errors.js';
import { PresignedCompletion } from './presigned-completion.service.js';
import { PresignedDoor } from './presigned-door.service.js';

/** Where the storage is S3: files whose bytes go past Plaza. */
@ApiTags('files')
@Controller('files')
@RequirePermission(Permission.FilesWrite)
export class PresignedUploadsController {
  constructor(
    private readonly door: PresignedDoor,
    private readonly completion: PresignedCompletion,
  ) {}

  @Post('presign')
  @ApiOperation({
    operationId: 'presignFile',
    summary: 'Begin a file whose bytes you send to the S3 storage yourself',
    description: 'PUT the bytes to `url` with `headers` within 15 minutes, then complete the file. Only where the storage is S3. An Idempotency-Key is of no use: the answer carries a secret and is not kept.',
  })
  @ApiCreatedResponse({ type: PresignedUploadDto, description: 'the bytes are waited for, and count already' })
  @ApiErrors(requestInvalid, presignUnavailable, fileEmpty, fileTooLarge, fileQuota, tooManyUnfinished)
  async presign(@CurrentActor() { memberId }: Actor, @Query() { purpose }: UploadQueryDto, @Body() body: PresignDto): Promise<PresignedUploadDto> {
    return PresignedUploadDto.fromInvitation(await this.door.invite(memberId, { purpose, ...body }));
  }

  @Post(':id/complete')
  @ApiParam({ name: 'id', description: 'id of the file', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({
    operationId: 'completeFile',
    summary: 'Say that the bytes of a presigned file are sent',
    description: 'They are copied, measured and then checked. A large file may take longer than an answer may: after `server.busy`, ask again. Asking again is always safe.',
  })
  @ApiCreatedResponse({ type: FileDto, description: 'they are there, and are checked now; or what became of them' })
  @ApiErrors(notFound, fileDeleted, fileExpired, fileNotUploaded, fileSizeMismatch, digestMismatch, typeNotAllowed, presignUnavailable, storageFull, storageUnavailable, serverBusy)
  async complete(@CurrentActor() { memberId }: Actor, @Param('id', IdPipe) id: string): Promise<FileDto> {
    return FileDto.from(await this.completion.complete(memberId, id));
  }
}
