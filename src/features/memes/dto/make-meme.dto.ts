import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsNumber, IsUUID, Matches, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { DistinctTexts, MayBeAbsent, TextLine, TextLines } from '../../../platform/http/fields.js';
import { MOST_LETTERS } from './render-meme.dto.js';

export const MOST_TAGS = 10;

/** Tags in lower case and each once. */
export const FoldedTags = () =>
  Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? [...new Set(value.map((tag: unknown) => (typeof tag === 'string' ? tag.trim().toLowerCase() : tag)))] : value));

/** Kept with commas between them. */
export const IsTag = () => Matches(/^[^,\p{Cc}\p{Cs}]{1,30}$/u, { each: true, message: 'each of $property must have 1 to 30 characters, without commas and control characters' });

export const IsWellFormed = () => Matches(/^\P{Cs}*$/u, { message: '$property must not contain halves of characters' });

/** By its shape. */
export const IsLanguageTag = () => Matches(/^[a-z]{2,8}(?:-[a-z0-9]{1,8})*$/i, { message: '$property must be a BCP 47 tag such as en or pt-BR' });

/** Half of a place is asked for as soon as the other half is given. */
const UnlessNeitherIsGiven = () => ValidateIf(({ lat, lon }: { lat?: unknown; lon?: unknown }) => lat !== undefined || lon !== undefined);

/** `POST /api/memes` */
export class MakeMemeDto {
  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f02', description: 'a picture of your own, uploaded and ready' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value))
  @IsUUID()
  fileId: string;

  @ApiProperty({ maxLength: MOST_LETTERS, example: 'The coffee machine is back.', description: 'words at the top; may be empty where there are others or tags' })
  @TextLines(0, MOST_LETTERS)
  upper: string;

  @ApiProperty({ maxLength: MOST_LETTERS, example: 'Productivity may resume.', description: 'words at the bottom; may be empty' })
  @TextLines(0, MOST_LETTERS)
  lower: string;

  @ApiPropertyOptional({ type: [String], maxItems: MOST_TAGS, example: ['coffee', 'office'], description: 'to be found by; kept in lower case' })
  @MayBeAbsent()
  @FoldedTags()
  @DistinctTexts(MOST_TAGS)
  @IsTag()
  tags?: string[];

  @ApiPropertyOptional({ type: 'number', minimum: -90, maximum: 90, example: 52.52, description: 'degrees north, with lon; without both, the first city that the words name' })
  @UnlessNeitherIsGiven()
  @IsNumber()
  @Min(-90)
  @Max(90)
  lat?: number;

  @ApiPropertyOptional({ type: 'number', minimum: -180, maximum: 180, example: 13.405, description: 'degrees east, with lat' })
  @UnlessNeitherIsGiven()
  @IsNumber()
  @Min(-180)
  @Max(180)
  lon?: number;

  @ApiPropertyOptional({ maxLength: 255, example: 'Coffee Machine', description: 'name that others find the picture by; the name of the file when left out' })
  @MayBeAbsent()
  @TextLine(1, 255)
  @IsWellFormed()
  template?: string;

  @ApiPropertyOptional({ maxLength: 35, example: 'en', description: 'BCP 47 tag of the language of the words' })
  @MayBeAbsent()
  @MaxLength(35)
  @IsLanguageTag()
  language?: string;
}
