import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Page } from '../../../platform/http/page.dto.js';
import { ENTRY_KINDS, type CreditEntry, type EntryKind } from '../entities/credit-entry.js';

/** One line of an account's book. */
export class EntryDto {
  @ApiProperty({ type: 'integer', example: 7, description: 'number of the entry in its account: 1, 2, 3 … without gaps' })
  seq: number;

  @ApiProperty({ enum: ENTRY_KINDS, example: 'transfer' })
  kind: EntryKind;

  @ApiProperty({ type: 'integer', example: -2, description: 'what the balance gained or lost' })
  amount: number;

  @ApiProperty({ type: 'integer', example: 5 })
  balanceBefore: number;

  @ApiProperty({ type: 'integer', example: 3 })
  balanceAfter: number;

  @ApiProperty({
    example: 'account:019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01',
    description: 'the other side: issue, spend, adjust, or another account',
  })
  counter: string;

  @ApiPropertyOptional({ example: 'Refund for the broken coffee machine', description: 'why, where someone said' })
  reason?: string;

  @ApiPropertyOptional({ example: 'member', description: 'what kind of thing refId names' })
  refType?: string;

  @ApiPropertyOptional({
    example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f02',
    description: 'what the entry was for; the other member of a transfer; the number of the spend that a refund gives back',
  })
  refId?: string;

  @ApiPropertyOptional({ type: 'integer', example: 4, description: 'the entry that this reversal takes back' })
  reversesSeq?: number;

  @ApiProperty({
    format: 'date-time', example: '2026-11-22T00:00:00.000Z',
    description: 'when it counts from: the first instant of its day for daily credits',
  })
  effectiveAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T00:00:07.215Z', description: 'when it was written' })
  createdAt: string;

  static from(entry: CreditEntry): EntryDto {
    const { seq, kind, amount, balanceAfter, counter, reason, refType, refId, reversesSeq } = entry;
    return Object.assign(new EntryDto(), {
      seq,
      kind,
      amount,
      balanceBefore: balanceAfter - amount,
      balanceAfter,
      counter,
      ...(reason !== null && { reason }),
      ...(refType !== null && { refType }),
      ...(refId !== null && { refId }),
      ...(reversesSeq !== null && { reversesSeq }),
      effectiveAt: entry.effectiveAt.toISOString(),
      createdAt: entry.createdAt.toISOString(),
    });
  }
}

/** A page of an account's book. */
export class EntryPageDto {
  @ApiProperty({ type: [EntryDto], description: 'newest first' })
  items: EntryDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<CreditEntry>): EntryPageDto {
    return Object.assign(new EntryPageDto(), { items: items.map((entry) => EntryDto.from(entry)), nextCursor });
  }
}
