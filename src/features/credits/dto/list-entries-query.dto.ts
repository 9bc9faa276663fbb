import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/fields.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { ENTRY_KINDS, type EntryKind } from '../entities/credit-entry.js';

/** Which part of an owner's book. */
export class ListEntriesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: ENTRY_KINDS, example: 'accrual', description: 'Only entries of this kind' })
  @MayBeAbsent()
  @IsIn(ENTRY_KINDS)
  kind?: EntryKind;
}
