import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { ENTRY_KINDS, type EntryKind } from '../entities/credit-entry.js';

export class ListEntriesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: ENTRY_KINDS, example: 'accrual', description: 'Only entries of this kind' })
  @IsOptional()
  @IsIn(ENTRY_KINDS)
  kind?: EntryKind;
}
