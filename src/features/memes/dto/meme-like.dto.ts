import { ApiProperty } from '@nestjs/swagger';

export class MemeLikeDto {
  @ApiProperty({ example: true, description: 'whether you like it now' })
  liked: boolean;

  @ApiProperty({ type: 'integer', example: 4, description: 'members who like it' })
  likes: number;

  static from({ liked, likes }: { liked: boolean; likes: number }): MemeLikeDto {
    return Object.assign(new MemeLikeDto(), { liked, likes });
  }
}
