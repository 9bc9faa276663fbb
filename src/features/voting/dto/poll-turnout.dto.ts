import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Turnout } from '../results/poll-turnout.service.js';
import { QuorumStateDto } from './poll-result.dto.js';

/** How many have voted. */
export class PollTurnoutDto {
  @ApiProperty({ type: 'integer', example: 12 })
  voters: number;

  @ApiPropertyOptional({ type: 'integer', example: 40, description: 'how many may vote; absent where anybody may' })
  eligible?: number;

  @ApiPropertyOptional({ type: 'number', example: 30, description: 'voters of those, to a tenth' })
  percent?: number;

  @ApiPropertyOptional({ type: QuorumStateDto, description: 'where the poll asks for one' })
  quorum?: QuorumStateDto;

  static from({ voters, eligible, quorum }: Turnout): PollTurnoutDto {
    return Object.assign(new PollTurnoutDto(), {
      voters,
      ...(eligible !== null && { eligible }),
      ...(eligible !== null && eligible > 0 && { percent: Math.round((voters / eligible) * 1_000) / 10 }),
      ...(quorum && { quorum }),
    });
  }
}
