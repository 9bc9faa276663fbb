import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { POLL_METHODS, type PollMethod } from '../poll.types.js';

const ALICE = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f11';
const BOB = '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f12';
const COUNTS = { type: 'object', additionalProperties: { type: 'integer' } } as const;

class PollCandidateVotesDto {
  @ApiProperty({ format: 'uuid', example: ALICE })
  candidateId: string;

  @ApiProperty({ example: 'Alice' })
  name: string;

  @ApiProperty({ type: 'integer', example: 7, description: 'votes, approvals, the sum of scores, or first preferences' })
  votes: number;
}

class PollRoundDto {
  @ApiProperty({ ...COUNTS, example: { [ALICE]: 7, [BOB]: 5 }, description: 'votes of those who were left' })
  counts: Record<string, number>;

  @ApiProperty({ type: 'integer', example: 0, description: 'ballots that name nobody who was left' })
  exhausted: number;

  @ApiProperty({ type: [String], example: [], description: 'who went after this round; nobody after the last' })
  eliminated: string[];
}

/** Whether enough have voted. */
export class QuorumStateDto {
  @ApiProperty({ type: 'integer', example: 10, description: 'voters' })
  required: number;

  @ApiProperty({ example: true })
  reached: boolean;
}

/** What a poll came to. Answers are written by hand; this describes them. */
export class PollResultDto {
  @ApiProperty({ enum: POLL_METHODS, example: 'single' })
  method: PollMethod;

  @ApiProperty({ type: [PollCandidateVotesDto], description: 'by votes, most first, then by id; candidates without votes included, withdrawn ones not' })
  candidates: PollCandidateVotesDto[];

  @ApiProperty({ type: [String], example: [ALICE], description: 'several where a tie stands; none without votes, and none while the quorum is not reached' })
  winners: string[];

  @ApiProperty({ type: 'array', items: { type: 'array', items: { type: 'string' } }, example: [[ALICE], [BOB]], description: 'best first; those in one list are equal' })
  ranking: string[][];

  @ApiProperty({ type: 'integer', example: 12, description: 'voters' })
  totalVotes: number;

  @ApiProperty({ type: 'integer', example: 3 })
  votesLast10Minutes: number;

  @ApiPropertyOptional({ type: 'integer', example: 3, description: 'where `window` asks for it' })
  votesInWindow?: number;

  @ApiProperty({ format: 'date-time', example: '2026-03-01T09:30:00.000Z', description: 'an answer may be a second old' })
  asOf: string;

  @ApiProperty({ type: 'integer', example: 42, description: 'moves with every change of the counts, and never back' })
  version: number;

  @ApiProperty({ example: false, description: 'true once it is written that the poll is closed: no vote can come any more' })
  final: boolean;

  @ApiProperty({ example: false, description: 'true where anybody could vote without signing in: nobody knows how often' })
  unverified: boolean;

  @ApiPropertyOptional({ type: QuorumStateDto, description: 'where the poll asks for one' })
  quorum?: QuorumStateDto;

  @ApiPropertyOptional({ type: [PollRoundDto], description: 'irv' })
  rounds?: PollRoundDto[];

  @ApiPropertyOptional({ type: 'object', additionalProperties: COUNTS, example: { [ALICE]: { [BOB]: 7 }, [BOB]: { [ALICE]: 5 } }, description: 'schulze: how many prefer one to the other' })
  pairwise?: Record<string, Record<string, number>>;

  @ApiPropertyOptional({ type: 'object', additionalProperties: COUNTS, example: { [ALICE]: { [BOB]: 7 }, [BOB]: { [ALICE]: 0 } }, description: 'schulze: strength of the strongest path from one to the other' })
  strengths?: Record<string, Record<string, number>>;

  @ApiPropertyOptional({ example: 'Alice wins with 7 of 12 votes.', description: 'how it was decided' })
  explanation?: string;

  @ApiPropertyOptional({ description: 'Of a certified result: a random part of it, without which the hash in the audit chain would give the counts away' })
  certificationSalt?: string;
}
