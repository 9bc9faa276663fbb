import { ApiProperty } from '@nestjs/swagger';
import type { MemeStatus } from '../entities/meme.js';
import { MemeDto, type ShownMeme } from './meme.dto.js';

/** A meme as its maker and moderators see it. */
export class MadeMemeDto extends MemeDto {
  @ApiProperty({ enum: ['visible', 'pending', 'hidden'], example: 'visible', description: 'pending waits for a moderator, hidden was taken down: nobody else sees those' })
  status: MemeStatus;

  static override from(meme: ShownMeme & { status: MemeStatus }): MadeMemeDto {
    return Object.assign(new MadeMemeDto(), MemeDto.from(meme), { status: meme.status });
  }
}
