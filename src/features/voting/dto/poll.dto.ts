import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/page.dto.js';
import {
  ELECTORATES, POLL_METHODS, POLL_STATES, RESULT_VISIBILITIES, SECRECIES, type Electorate, type PollMethod, type PollState, type ResultVisibility, type Secrecy,
} from '../poll.types.js';
import type { ShownPoll } from '../polls/polls.types.js';
import { QuorumDto } from './make-poll.dto.js';

const ID = '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11';
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

class PollCandidateDto {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ example: 'The Coffee Machine' })
  name: string;

  @ApiProperty({ type: String, nullable: true, example: 'Two grinders, no queue.' })
  description: string | null;

  @ApiProperty({ example: false, description: 'taken off every ballot' })
  withdrawn: boolean;
}

class PollRightsDto {
  @ApiProperty({ example: true, description: 'you may vote now, and have not' })
  vote: boolean;

  @ApiProperty({ example: false, description: 'you may change your vote now, or take it back' })
  change: boolean;

  @ApiProperty({ example: true, description: 'the counts are shown to you now' })
  seeResults: boolean;
}

export class PollDto {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ example: 'What shall we buy for the kitchen?' })
  title: string;

  @ApiProperty({ type: String, nullable: true, example: 'The budget is 500 euros.' })
  description: string | null;

  @ApiProperty({ enum: POLL_METHODS, example: 'single' })
  method: PollMethod;

  @ApiProperty({ type: [PollCandidateDto], description: 'in the order in which they were given' })
  candidates: PollCandidateDto[];

  @ApiProperty({ enum: ELECTORATES, example: 'all' })
  electorate: Electorate;

  @ApiPropertyOptional({ type: [String], format: 'uuid', description: 'who may vote, where that is a list: for those who manage polls, and not in lists of polls' })
  memberIds?: string[];

  @ApiProperty({ example: false })
  allowChange: boolean;

  @ApiProperty({ enum: SECRECIES, example: 'named' })
  secrecy: Secrecy;

  @ApiProperty({ enum: RESULT_VISIBILITIES, example: 'live' })
  results: ResultVisibility;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T09:30:00.000Z', description: 'null while nobody has said when' })
  opensAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null, description: 'null for a poll that somebody has to close; when that was, once it is closed' })
  closesAt: string | null;

  @ApiProperty({ type: QuorumDto, nullable: true, example: null })
  quorum: QuorumDto | null;

  @ApiProperty({ type: 'integer', example: 5 })
  maxScore: number;

  @ApiProperty({ enum: POLL_STATES, example: 'open' })
  state: PollState;

  @ApiProperty({ example: HASH, description: 'SHA-256 of the seed that decides lots, in hexadecimal' })
  seedCommitment: string;

  @ApiPropertyOptional({ example: HASH, description: 'the seed, once the poll is closed' })
  seed?: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ type: PollRightsDto })
  can: PollRightsDto;

  static from({ poll, can, memberIds }: ShownPoll): PollDto {
    const { id, title, description, method, candidates, electorate, allowChange, secrecy, results, opensAt, closesAt, quorum, maxScore, state, createdAt } = poll;
    return Object.assign(new PollDto(), {
      id, title, description, method, candidates, electorate,
      ...(memberIds && { memberIds }),
      allowChange, secrecy, results,
      opensAt: opensAt?.toISOString() ?? null,
      closesAt: closesAt?.toISOString() ?? null,
      quorum, maxScore, state,
      seedCommitment: poll.seedCommitment,
      ...(poll.seed !== null && { seed: poll.seed }),
      createdAt: createdAt.toISOString(),
      can,
    });
  }
}

export class PollPageDto {
  @ApiProperty({ type: [PollDto] })
  items: PollDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<ShownPoll>): PollPageDto {
    return Object.assign(new PollPageDto(), { items: items.map((item) => PollDto.from(item)), nextCursor });
  }
}

export class DeviceTokenDto {
  @ApiProperty({ example: '7b0e6c1e-2f4a-4c8e-9f37-6f1f2f9e5f10.o4Y0cZ1yqk0vQm3m8m1v3o9u9mJb2m4o1dQmVn0a8bE', description: 'send it as X-Device-Token; good for this poll alone' })
  deviceToken: string;
}
