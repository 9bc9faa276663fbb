import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsUUID, Max, Min } from 'class-validator';
import { MayBeAbsent, TextLength } from '../../../platform/http/fields.js';
import { decodeText, RENDER_FORMATS, type RenderFormat } from '../rendering/render-text.rules.js';

/** More than anybody reads on a picture. What members make is drawn here, so it is the limit there too. */
export const MOST_LETTERS = 500;

const Words = () => TextLength(0, MOST_LETTERS);
const Decoded = () => Transform(({ value }: { value: string }) => decodeText(value));

/** `…/render/:template/:upper/:lower.:ext` */
export class RenderPathDto {
  @ApiProperty({ example: 'blank', description: 'name of a template, spelled as the words are or plainly percent-encoded; the id of a meme with an uploaded picture; or blank' })
  @TextLength(1, 2_000)
  template: string;

  @ApiProperty({
    example: 'one_does_not_simply',
    description: 'words at the top: `_` is a space, `__` an underscore, `~s` a slash, `~~` a tilde, `~n` a new line, `_` alone no words; everything else percent-encoded',
  })
  @Decoded()
  @Words()
  upper: string;

  @ApiProperty({ example: 'walk_into_a_standup', description: 'words at the bottom, spelled likewise' })
  @Decoded()
  @Words()
  lower: string;

  @ApiProperty({ enum: RENDER_FORMATS, example: 'png' })
  @TextLength(0, 2_000)
  ext: string;
}

/** `POST /api/memes/render` */
export class RenderMemeDto {
  @ApiPropertyOptional({ example: 'blank', maxLength: 255, description: 'name of a template, or the id of a meme with an uploaded picture; either this or fileId' })
  @MayBeAbsent()
  @TextLength(1, 255)
  template?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'a picture of your own, uploaded and ready; either this or template' })
  @MayBeAbsent()
  @IsUUID()
  fileId?: string;

  @ApiProperty({ example: 'one does not simply', maxLength: MOST_LETTERS, description: 'words at the top; may be empty' })
  @Words()
  upper: string;

  @ApiProperty({ example: 'walk into a stand-up', maxLength: MOST_LETTERS, description: 'words at the bottom; may be empty' })
  @Words()
  lower: string;

  @ApiProperty({ enum: RENDER_FORMATS, example: 'png' })
  @IsIn(RENDER_FORMATS)
  format: RenderFormat;

  @ApiPropertyOptional({ type: 'integer', example: 640, minimum: 64, maximum: 2_000, description: 'in pixels; as wide as the picture by default, and 1200 at most' })
  @MayBeAbsent()
  @IsInt()
  @Min(64)
  @Max(2_000)
  width?: number;
}
