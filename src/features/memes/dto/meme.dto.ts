import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MEME_KINDS, MEME_RATINGS, type Meme, type MemeKind, type MemeRating } from '../entities/meme.js';

/** What of a meme is shown to everybody who may see it. */
export type ShownMeme = Pick<
  Meme,
  'id' | 'caption' | 'template' | 'imageUrl' | 'lat' | 'lon' | 'likes' | 'kind' | 'upper' | 'lower' | 'tags' | 'rating' | 'language' | 'createdAt'
>;

/** What lists and single answers say alike. */
export class MemeSummaryDto {
  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01' })
  id: string;

  @ApiProperty({ example: 'The coffee machine is back. Productivity may resume.', description: 'all the words of the picture' })
  caption: string;

  @ApiProperty({ example: 'Hopeful Plant', description: 'name of the picture that the words stand on' })
  template: string;

  @ApiProperty({ example: 'https://example.org/memes/1.jpg', description: 'address of the picture; one that begins with a slash is on this server' })
  imageUrl: string;

  @ApiPropertyOptional({ example: 52.52, description: 'degrees north; only with lon' })
  lat?: number;

  @ApiPropertyOptional({ example: 13.405, description: 'degrees east; only with lat' })
  lon?: number;

  @ApiProperty({ type: 'integer', example: 3, description: 'members who like it' })
  likes: number;

  @ApiProperty({ enum: MEME_KINDS, example: 'normal' })
  kind: MemeKind;
}

export class MemeDto extends MemeSummaryDto {
  @ApiProperty({ example: 'The coffee machine is back.', description: 'words at the top' })
  upper: string;

  @ApiProperty({ example: 'Productivity may resume.', description: 'words at the bottom' })
  lower: string;

  @ApiProperty({ type: [String], example: ['coffee', 'office'] })
  tags: string[];

  @ApiProperty({ enum: MEME_RATINGS, example: 'unrated', description: 'what a moderator said about the content' })
  rating: MemeRating;

  @ApiProperty({ type: String, nullable: true, example: 'en', description: 'BCP 47 tag; null when nobody said' })
  language: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-03-01T09:30:00.000Z' })
  createdAt: string;

  static from(meme: ShownMeme): MemeDto {
    return Object.assign(new MemeDto(), {
      id: meme.id,
      caption: meme.caption,
      template: meme.template,
      imageUrl: meme.imageUrl,
      ...(meme.lat !== null && meme.lon !== null ? { lat: meme.lat, lon: meme.lon } : {}),
      likes: meme.likes,
      kind: meme.kind,
      upper: meme.upper,
      lower: meme.lower,
      tags: meme.tags,
      rating: meme.rating,
      language: meme.language,
      createdAt: meme.createdAt.toISOString(),
    });
  }
}
