import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import { FILE_PURPOSES, type FilePurpose, type FileRecord } from '../uploads.types.js';
import { FileDto } from './file.dto.js';

/** What every door may be told. */
export class UploadQueryDto {
  @ApiPropertyOptional({ enum: FILE_PURPOSES, default: 'generic', example: 'generic', description: 'decides which types are taken: avatar and meme png, jpeg, gif, webp and avif; chat also video, audio, PDF, ZIP and text; generic and export anything' })
  @MayBeAbsent()
  @IsIn(FILE_PURPOSES)
  purpose: FilePurpose = 'generic';
}

export class RawUploadQueryDto extends UploadQueryDto {
  @ApiProperty({ example: 'notes.txt', description: 'name of the file, at most 255 bytes of UTF-8, without slashes and control characters' })
  @IsString()
  name: string;
}

export class Base64UploadDto {
  @ApiProperty({ example: 'notes.txt', description: 'name of the file, at most 255 bytes of UTF-8, without slashes and control characters' })
  @IsString()
  name: string;

  @ApiProperty({ example: 'SGVsbG8gUGxhemEh', description: 'base64 (RFC 4648 §4) of at most 5 MiB, or a data URL with it' })
  @IsString()
  data: string;
}

/** The files of one request, in its order. */
export class FileListDto {
  @ApiProperty({ type: [FileDto] })
  items: FileDto[];

  static from(records: readonly FileRecord[]): FileListDto {
    return Object.assign(new FileListDto(), { items: records.map((record) => FileDto.from(record)) });
  }
}
