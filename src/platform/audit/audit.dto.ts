import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent } from '../http/fields.js';
import { PageQueryDto, type Page } from '../http/page.dto.js';
import type { AuditReport } from './audit.js';
import type { AuditEntry } from './audit-entry.entity.js';
import type { AuditViolation } from './audit.rules.js';

const ID = '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11';

export class AuditQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ maxLength: 64, example: 'member.role-changed' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @Matches(/^[a-z.-]{1,64}$/, { message: '$property must be the name of an action' })
  action?: string;

  @ApiPropertyOptional({ maxLength: 64, example: ID, description: 'whom or what it was done to' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @Matches(/^[\x21-\x7e]{1,64}$/, { message: '$property must be an id' })
  subjectId?: string;
}

export class AuditEntryDto {
  @ApiProperty({ type: 'integer', example: 1 })
  seq: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' })
  at: string;

  @ApiProperty({ example: ID, description: 'who did it' })
  actorId: string;

  @ApiProperty({ example: 'member.role-changed' })
  action: string;

  @ApiProperty({ example: 'member' })
  subjectType: string;

  @ApiProperty({ example: ID })
  subjectId: string;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { before: 'member', after: 'moderator' } })
  details: Record<string, unknown>;

  @ApiProperty({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', description: 'SHA-256 over the hash of the entry before and this one\'s fields' })
  hash: string;

  static from(entry: AuditEntry): AuditEntryDto {
    const { seq, at, actorId, action, subjectType, subjectId, details, hash } = entry;
    return Object.assign(new AuditEntryDto(), {
      seq, at: at.toISOString(), actorId, action, subjectType, subjectId, details: detailsOf(details), hash: hash.toString('hex'),
    });
  }
}

/** Somebody who altered the table may have left no JSON: admins must be able to read on. */
function detailsOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { unreadable: text };
  }
}

export class AuditPageDto {
  @ApiProperty({ type: [AuditEntryDto] })
  items: AuditEntryDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'send it as cursor for the next page; null on the last' })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<AuditEntry>): AuditPageDto {
    return Object.assign(new AuditPageDto(), { items: items.map((entry) => AuditEntryDto.from(entry)), nextCursor });
  }
}

export class AuditViolationDto {
  @ApiProperty({ type: 'integer', example: 7, description: 'the entry, or the first of those that are missing' })
  seq: number;

  @ApiProperty({
    enum: ['altered', 'missing', 'unlinked', 'end'], example: 'altered',
    description: 'altered: not what was written; missing: gone; unlinked: does not follow the entry before; end: the log goes on past its recorded end, or ends otherwise',
  })
  fault: AuditViolation['fault'];
}

export class AuditVerificationDto {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T09:30:00.000Z', description: 'when the snapshot was taken' })
  checkedAt: string;

  @ApiProperty({ type: 'integer', example: 42 })
  entries: number;

  @ApiProperty({
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    description: 'hash of the last entry: noted outside of the database, it shows later that nothing before it was rewritten',
  })
  head: string;

  @ApiProperty({ type: [AuditViolationDto], example: [], description: 'empty when the log is what was written; at most 1,000 are listed' })
  violations: AuditViolationDto[];

  static from({ checkedAt, entries, head, violations }: AuditReport): AuditVerificationDto {
    return Object.assign(new AuditVerificationDto(), { checkedAt: checkedAt.toISOString(), entries, head: head.toString('hex'), violations: [...violations] });
  }
}
