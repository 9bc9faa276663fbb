import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/page.dto.js';
import type { Meme, MemeKind } from '../entities/meme.js';

export class MemeDto {
  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01' })
  id: string;

  @ApiProperty({ example: 'The coffee machine is back. Productivity may resume.', description: 'all the words of the picture' })
  caption: string;

  @ApiProperty({ example: 'Hopeful Plant', description: 'name of the picture that the words stand on' })
  template: string;

  @ApiProperty({ example: 'https://example.org/memes/1.jpg' })
  imageUrl: string;

  @ApiPropertyOptional({ example: 52.52, description: 'degrees north; only with lon' })
  lat?: number;

  @ApiPropertyOptional({ example: 13.405, description: 'degrees east; only with lat' })
  lon?: number;

  @ApiProperty({ type: 'integer', example: 3, description: 'members who like it' })
  likes: number;

  @ApiProperty({ enum: ['normal', 'ai'], example: 'normal' })
  kind: MemeKind;

  static from(meme: Meme): MemeDto {
    return Object.assign(new MemeDto(), {
      id: meme.id,
      caption: meme.caption,
      template: meme.template,
      imageUrl: meme.imageUrl,
      ...(meme.lat !== null && meme.lon !== null ? { lat: meme.lat, lon: meme.lon } : {}),
      likes: meme.likes,
      kind: meme.kind,
    });
  }
}

export class MemePageDto {
  @ApiProperty({ type: [MemeDto], description: 'newest first' })
  items: MemeDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  static from(page: Page<Meme>): MemePageDto {
    return Object.assign(new MemePageDto(), { items: page.items.map((meme) => MemeDto.from(meme)), nextCursor: page.nextCursor });
  }
}
