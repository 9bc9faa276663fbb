import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import { VARIANT_KINDS, type VariantKind } from '../uploads.types.js';

export class VariantQueryDto {
  @ApiPropertyOptional({ enum: VARIANT_KINDS, description: 'a smaller picture instead of the file, as `variants` lists them' })
  @MayBeAbsent()
  @IsIn(VARIANT_KINDS)
  variant?: VariantKind;
}
