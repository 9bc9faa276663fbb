import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent, TextLength, WholeNumber } from '../../../platform/http/fields.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import type { MemeKind } from '../entities/meme.js';

/** At most eight words: `\S` and `\s` share no character, so the match cannot backtrack far. */
const EIGHT_WORDS = /^\s*(?:\S+\s+){0,7}\S*\s*$/u;

/** `GET /api/memes?…` */
export class ListMemesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ type: 'integer', example: 10, default: 20, minimum: 1, maximum: 50, description: 'How many memes at most' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(50)
  override limit: number = 20;

  @ApiPropertyOptional({
    example: 'coffee', maxLength: 256,
    description: 'Words, at most 8, that must all occur in the caption or in the name of the template; case and accents do not matter',
  })
  @MayBeAbsent()
  @TextLength(0, 256)
  @Matches(EIGHT_WORDS, { message: 'query must have at most 8 words' })
  query?: string;

  @ApiPropertyOptional({ example: 'Hopeful Plant', maxLength: 255, description: 'Name of the template, whole' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @TextLength(0, 255)
  template?: string;

  @ApiPropertyOptional({ enum: ['normal', 'ai'], example: 'normal', description: 'Only memes of this kind' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsIn(['normal', 'ai'])
  kind?: MemeKind;
}
