import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MemeSummaryDto } from './meme.dto.js';

// These are written as text by catalogue/answer-text.rules.ts; the classes are their description.

export class HighlightDto {
  @ApiProperty({ enum: ['caption', 'template'], example: 'caption' })
  field: string;

  @ApiProperty({ type: 'integer', example: 4, description: 'first UTF-16 code unit: what JavaScript and Java count' })
  start: number;

  @ApiProperty({ type: 'integer', example: 10, description: 'the end, not included' })
  end: number;
}

export class FoundMemeDto extends MemeSummaryDto {
  @ApiPropertyOptional({ example: 12.345, description: 'great circle from lat and lon of the request' })
  distanceKm?: number;

  @ApiProperty({ type: [HighlightDto], description: 'words that were found; empty without a query' })
  highlights: HighlightDto[];
}

export class MemeListDto {
  @ApiProperty({ type: [FoundMemeDto] })
  items: FoundMemeDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  @ApiPropertyOptional({ example: 'coffee machine', description: 'the query as it was probably meant; only with fuzzy, when a word is unknown and a similar one is not' })
  corrected?: string;

  @ApiPropertyOptional({ example: true, description: 'there when nothing was found as asked, and more typos were allowed' })
  widened?: boolean;

  @ApiProperty({ type: 'integer', example: 120, description: 'microseconds that the search took' })
  tookMicros: number;
}

export class SuggestionDto {
  @ApiProperty({ example: 'coffee', description: 'the text with its last word completed, or the name of a template' })
  text: string;

  @ApiProperty({ type: 'integer', example: 12, description: 'memes that have it' })
  memes: number;
}

export class SuggestionListDto {
  @ApiProperty({ type: [SuggestionDto], description: 'most memes first' })
  items: SuggestionDto[];
}

export class TemplateDto {
  @ApiProperty({ example: 'Hopeful Plant' })
  name: string;

  @ApiProperty({ type: 'integer', example: 12, description: 'memes made with it' })
  memes: number;

  @ApiProperty({ example: '/api/memes/render/Hopeful_Plant/_/_.jpg', description: 'the picture without words, on this server' })
  imageUrl: string;
}

export class TemplatePageDto {
  @ApiProperty({ type: [TemplateDto], description: 'most memes first' })
  items: TemplateDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;
}
