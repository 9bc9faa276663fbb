import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent } from '../../../platform/http/fields.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { POLL_STATES, type PollState } from '../poll.types.js';

/** `GET /api/polls?…` */
export class PollListQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: POLL_STATES, example: 'open', description: 'Only polls in this state' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsIn(POLL_STATES)
  state?: PollState;
}
