import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { TextLength } from '../../../platform/http/fields.js';
import { MemeDto, type ShownMeme } from './meme.dto.js';

export class OrderAiMemeDto {
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'the printer is out of paper again', description: 'what the meme should be about' })
  @TextLength(1, 500)
  @Matches(/\S/u, { message: '$property must have a visible character' })
  prompt: string;
}

export class AiMemeDto extends MemeDto {
  @ApiProperty({ example: 'markov', description: 'who wrote it: the name of the model, or `markov` for what Plaza learnt from the captions of this community' })
  generatedBy: string;

  static fromGenerated(meme: ShownMeme, generatedBy: string): AiMemeDto {
    return Object.assign(new AiMemeDto(), MemeDto.from(meme), { generatedBy });
  }
}
