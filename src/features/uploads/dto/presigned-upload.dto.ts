import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import type { Invitation } from '../doors/presigned-door.service.js';
import { FileDto } from './file.dto.js';

export class PresignDto {
  @ApiProperty({ example: 'notes.txt', description: 'name of the file, at most 255 bytes of UTF-8, without slashes and control characters' })
  @IsString()
  name: string;

  @ApiProperty({ type: 'integer', example: 12, description: 'exactly how many bytes will come; at most 5 GiB' })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  size: number;

  @ApiPropertyOptional({ example: 'cef8426e09a41ce5d7090d877f6113361bbd1b47c67ef0985b9c4d039498e625', description: 'sha256 of the bytes, hex: others are refused then' })
  @MayBeAbsent()
  @Matches(/^[0-9a-f]{64}$/, { message: '$property must be a sha256 in 64 lower-case hex digits' })
  sha256?: string;
}

export class PresignedUploadDto extends FileDto {
  @ApiProperty({ example: 'https://s3.example/plaza/uploads/019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01/incoming?X-Amz-Signature=…', description: 'where to send the bytes; whoever has it may' })
  url: string;

  @ApiProperty({ example: 'PUT' })
  method: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { 'content-length': '12' }, description: 'headers to send with them, and no others of S3; browsers set content-length themselves' })
  headers: Readonly<Record<string, string>>;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:14:58.120Z', description: 'until when sending them may begin' })
  expiresAt: string;

  static fromInvitation({ record, url, headers, expiresAt }: Invitation): PresignedUploadDto {
    return Object.assign(new PresignedUploadDto(), FileDto.from(record), { url, method: 'PUT', headers, expiresAt: expiresAt.toISOString() });
  }
}
