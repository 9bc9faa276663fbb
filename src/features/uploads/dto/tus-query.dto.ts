import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import { FILE_PURPOSES, type FilePurpose } from '../uploads.types.js';

/** What may be said in the address as well as in Upload-Metadata. */
export class TusQueryDto {
  @ApiPropertyOptional({ enum: FILE_PURPOSES, example: 'generic', description: 'before that of Upload-Metadata; generic when neither says one' })
  @MayBeAbsent()
  @IsIn(FILE_PURPOSES)
  purpose?: FilePurpose;
}
