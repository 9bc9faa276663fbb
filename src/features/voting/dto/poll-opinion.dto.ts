import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { Page } from '../../../platform/http/page.dto.js';
import { OPINION_STATUSES, type OpinionStatus } from '../entities/poll-opinion.js';
import type { ShownOpinion } from '../results/poll-opinions.service.js';

/** `PATCH /api/polls/:id/opinions/:opinionId` */
export class ModerateOpinionDto {
  @ApiProperty({ enum: OPINION_STATUSES, example: 'hidden' })
  @IsIn(OPINION_STATUSES)
  status: OpinionStatus;
}

/** What a voter had to say. */
export class PollOpinionDto {
  @ApiProperty({ format: 'uuid', example: '0f8a1d52-9c3e-4b7a-8d15-2e6f4c9b7a31' })
  id: string;

  @ApiProperty({ example: 'Closer to the river, please.' })
  opinion: string;

  @ApiPropertyOptional({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f02', description: 'in named polls' })
  voterId?: string;

  @ApiPropertyOptional({ enum: OPINION_STATUSES, example: 'visible', description: 'for those who may change it' })
  status?: OpinionStatus;

  static from({ id, opinion, voterId, status }: ShownOpinion): PollOpinionDto {
    return Object.assign(new PollOpinionDto(), { id, opinion, ...(voterId !== null && { voterId }), ...(status && { status }) });
  }
}

export class PollOpinionPageDto {
  @ApiProperty({ type: [PollOpinionDto] })
  items: PollOpinionDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<ShownOpinion>): PollOpinionPageDto {
    return Object.assign(new PollOpinionPageDto(), { items: items.map((item) => PollOpinionDto.from(item)), nextCursor });
  }
}
