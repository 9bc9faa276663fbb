import { ApiProperty } from '@nestjs/swagger';

/** Bytes of a member's storage. */
export class FileQuotaDto {
  @ApiProperty({ type: 'integer', example: 214_503, description: 'bytes of your ready files' })
  used: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'bytes set aside for files that are uploaded or checked' })
  reserved: number;

  @ApiProperty({ type: 'integer', example: 5_368_709_120, description: 'bytes that both may come to' })
  max: number;

  static from({ used, reserved, max }: FileQuotaDto): FileQuotaDto {
    return Object.assign(new FileQuotaDto(), { used, reserved, max });
  }
}
