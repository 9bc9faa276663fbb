import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';

/**
 * The body of a vote, as the document shows it. What of it a poll wants depends on the poll, so `ballotOf` checks it
 * and not a decorator.
 */
export class CastVoteDto {
  @ApiPropertyOptional({ format: 'uuid', example: ID, description: 'single: the one voted for' })
  candidateId?: string;

  @ApiPropertyOptional({ type: [String], format: 'uuid', description: 'approval: all that are approved' })
  approve?: string[];

  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'integer', minimum: 0 }, description: 'score: a number from 0 to maxScore by id of candidate' })
  scores?: Record<string, number>;

  @ApiPropertyOptional({
    type: 'array', items: { type: 'array', items: { type: 'string', format: 'uuid' } },
    description: 'irv, schulze: ranks, most preferred first. In schulze candidates may share one; who is left out comes last',
  })
  ranking?: string[][];

  @ApiPropertyOptional({ maxLength: 1_000, description: 'Kept apart from the ballot, and shown with the result' })
  opinion?: string;

  @ApiPropertyOptional({ pattern: '^[A-Za-z0-9_-]{22,200}$', description: 'secret polls, and there required: random, and kept by the voter. The receipt is sha256 of the poll id, `|` and it' })
  nonce?: string;
}

/** What a voter gets for a vote. */
export class VoteReceiptDto {
  @ApiProperty({ example: '3d1f0c6e-8f1b-4c57-9d0a-6b1f2c3d4e5f', description: 'Shows that the vote is in the chain, see GET …/receipts/{receipt}' })
  receipt: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'Absent in secret polls' })
  castAt?: string;
}
