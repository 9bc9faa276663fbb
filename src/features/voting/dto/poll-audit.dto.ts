import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { PollAudit } from '../results/poll-chain.service.js';

const HASH = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';

export class ChainHeadDto {
  @ApiProperty({ type: 'integer', example: 3 })
  seq: number;

  @ApiProperty({ example: HASH, description: 'SHA-256 in hexadecimal' })
  hash: string;
}

export class ChainLinkDto extends ChainHeadDto {
  @ApiProperty({ type: [String], example: ['0f8a1d52-9c3e-4b7a-8d15-2e6f4c9b7a31'], description: 'what the link covers, sorted' })
  receipts: string[];
}

class PollCertificationDto {
  @ApiProperty({ example: HASH, description: 'of the body of GET …/result' })
  resultSha256: string;
}

/** The chain of a poll. */
export class PollAuditDto {
  @ApiProperty({ example: HASH, description: 'where the chain begins' })
  genesis: string;

  @ApiProperty({ example: HASH, description: 'SHA-256 of the seed that decides lots, fixed before the first vote' })
  seedCommitment: string;

  @ApiPropertyOptional({ example: HASH, description: 'the seed, once the poll is closed' })
  seed?: string;

  @ApiProperty({ type: ChainHeadDto, description: 'the last link; seq 0 is the genesis' })
  head: ChainHeadDto;

  @ApiProperty({ type: [ChainLinkDto], description: 'oldest first' })
  items: ChainLinkDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  @ApiPropertyOptional({ type: PollCertificationDto, description: 'once the poll is certified' })
  certification?: PollCertificationDto;

  static from(audit: PollAudit): PollAuditDto {
    return Object.assign(new PollAuditDto(), audit);
  }
}
