import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNumber, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { DistinctTexts, MayBeAbsent, TextLine, TextLines } from '../../../platform/http/fields.js';
import { MEME_RATINGS, type MemeRating, type MemeStatus } from '../entities/meme.js';
import { FoldedTags, IsLanguageTag, IsTag, IsWellFormed, MOST_TAGS } from './make-meme.dto.js';
import { MOST_LETTERS } from './render-meme.dto.js';

const STATUSES = ['visible', 'pending', 'hidden'] as const satisfies MemeStatus[];

/** Either half may be left out with the other, and both may be null: that takes the place away. */
const UnlessPlaceStaysOrGoes = () =>
  ValidateIf(({ lat, lon }: { lat?: unknown; lon?: unknown }) => (lat !== undefined || lon !== undefined) && (lat !== null || lon !== null));

/** `PATCH /api/memes/:id`: what is left out stays as it is. */
export class EditMemeDto {
  @ApiPropertyOptional({ maxLength: MOST_LETTERS, example: 'The coffee machine is back.' })
  @MayBeAbsent()
  @TextLines(0, MOST_LETTERS)
  upper?: string;

  @ApiPropertyOptional({ maxLength: MOST_LETTERS, example: 'Productivity may resume.' })
  @MayBeAbsent()
  @TextLines(0, MOST_LETTERS)
  lower?: string;

  @ApiPropertyOptional({ type: [String], maxItems: MOST_TAGS, example: ['coffee', 'office'], description: 'in place of those that there are' })
  @MayBeAbsent()
  @FoldedTags()
  @DistinctTexts(MOST_TAGS)
  @IsTag()
  tags?: string[];

  @ApiPropertyOptional({ type: 'number', nullable: true, minimum: -90, maximum: 90, example: 52.52, description: 'with lon; both null for no place' })
  @UnlessPlaceStaysOrGoes()
  @IsNumber()
  @Min(-90)
  @Max(90)
  lat?: number | null;

  @ApiPropertyOptional({ type: 'number', nullable: true, minimum: -180, maximum: 180, example: 13.405, description: 'with lat; both null for no place' })
  @UnlessPlaceStaysOrGoes()
  @IsNumber()
  @Min(-180)
  @Max(180)
  lon?: number | null;

  @ApiPropertyOptional({ maxLength: 255, example: 'Coffee Machine' })
  @MayBeAbsent()
  @TextLine(1, 255)
  @IsWellFormed()
  template?: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 35, example: 'en', description: 'null when nobody knows' })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @MaxLength(35)
  @IsLanguageTag()
  language?: string | null;

  @ApiPropertyOptional({ enum: STATUSES, description: 'for moderators; visible and hidden decide about what was reported so far' })
  @MayBeAbsent()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];

  @ApiPropertyOptional({ enum: MEME_RATINGS, description: 'for moderators' })
  @MayBeAbsent()
  @IsIn(MEME_RATINGS)
  rating?: MemeRating;
}
