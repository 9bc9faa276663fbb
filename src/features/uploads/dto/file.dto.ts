import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  FILE_PURPOSES, FILE_REJECTIONS, FILE_STATES, VARIANT_KINDS,
  type FilePurpose, type FileRecord, type FileRejection, type FileState, type FileVariant, type VariantKind,
} from '../uploads.types.js';

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export class FileVariantDto {
  @ApiProperty({ enum: VARIANT_KINDS, example: 'thumb' })
  kind: VariantKind;

  @ApiProperty({ type: 'integer', example: 3120, description: 'bytes' })
  size: number;

  @ApiProperty({ example: 'image/webp' })
  mime: string;

  @ApiProperty({ type: 'integer', example: 128, description: 'pixels' })
  width: number;

  @ApiProperty({ type: 'integer', example: 96, description: 'pixels' })
  height: number;

  static from({ kind, size, mime, width, height }: FileVariant): FileVariantDto {
    return Object.assign(new FileVariantDto(), { kind, size, mime, width, height });
  }
}

export class FileDto {
  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01' })
  id: string;

  @ApiProperty({ example: 'garden.jpg' })
  name: string;

  @ApiProperty({ enum: FILE_STATES, example: 'ready' })
  state: FileState;

  @ApiPropertyOptional({ enum: FILE_REJECTIONS, example: 'file.infected', description: 'why the file was rejected; only then' })
  rejectCode?: FileRejection;

  @ApiProperty({ enum: FILE_PURPOSES, example: 'generic' })
  purpose: FilePurpose;

  @ApiProperty({ type: 'integer', nullable: true, example: 48_213, description: 'bytes received; null while an upload has not said how many will come' })
  size: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'image/jpeg', description: 'by the bytes, not by the name; null until they are there' })
  mime: string | null;

  @ApiProperty({ type: String, nullable: true, example: SHA256, description: 'of the bytes received, hex; a picture is served cleaned, with a hash of its own as ETag' })
  sha256: string | null;

  @ApiPropertyOptional({ type: 'integer', example: 1600, description: 'of a picture, in pixels' })
  width?: number;

  @ApiPropertyOptional({ type: 'integer', example: 1200, description: 'of a picture, in pixels' })
  height?: number;

  @ApiProperty({ type: [FileVariantDto], description: 'smaller pictures of a picture' })
  variants: FileVariantDto[];

  @ApiProperty({ format: 'date-time', example: '2026-01-31T11:59:58.120Z' })
  createdAt: string;

  static from(record: FileRecord): FileDto {
    const { id, name, state, rejectCode, purpose, size, mime, sha256, width, height, variants, createdAt } = record;
    return Object.assign(new FileDto(), {
      id, name, state,
      ...(rejectCode !== null && { rejectCode }),
      purpose, size, mime, sha256,
      ...(width !== null && { width }),
      ...(height !== null && { height }),
      variants: variants.map((variant) => FileVariantDto.from(variant)),
      createdAt: createdAt.toISOString(),
    });
  }
}
