import { ApiProperty } from '@nestjs/swagger';
import type { ReceiptProof } from '../results/poll-chain.service.js';
import { ChainHeadDto, ChainLinkDto } from './poll-audit.dto.js';

class CoveringLinkDto extends ChainLinkDto {
  @ApiProperty({ example: '5f2b51ca2fdc5baa31ec02e002f69aec24e57f5a6b2ef4e9e0b9b5d1c4a6a3f8', description: 'hash of the link before; of the first link the genesis' })
  previous: string;
}

/** That a vote is in the box. */
export class PollReceiptDto {
  @ApiProperty({ example: '0f8a1d52-9c3e-4b7a-8d15-2e6f4c9b7a31' })
  receipt: string;

  @ApiProperty({ example: true, description: 'false once that vote was changed or taken back' })
  counted: boolean;

  @ApiProperty({ type: CoveringLinkDto })
  link: CoveringLinkDto;

  @ApiProperty({ type: ChainHeadDto, description: 'the last link now' })
  head: ChainHeadDto;

  static from(proof: ReceiptProof): PollReceiptDto {
    return Object.assign(new PollReceiptDto(), proof);
  }
}
