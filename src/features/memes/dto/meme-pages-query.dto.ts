import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent, TextLength, WholeNumber } from '../../../platform/http/fields.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';

/** `GET /api/memes/trending?…` */
export class TrendingMemesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ type: 'integer', example: 10, default: 20, minimum: 1, maximum: 50, description: 'How many memes at most' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(50)
  override limit: number = 20;
}

/** `GET /api/memes/templates?…` */
export class TemplatesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ example: 'plant', maxLength: 255, description: 'Only templates with this in their name; case and accents do not matter' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @TextLength(0, 255)
  query?: string;
}
