import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { MayBeAbsent, TextLines } from '../../../platform/http/fields.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { MemeReport } from '../entities/meme-report.js';
import type { Meme } from '../entities/meme.js';
import { MadeMemeDto } from './made-meme.dto.js';

/** `POST /api/memes/:id/reports` */
export class ReportMemeDto {
  @ApiPropertyOptional({ maxLength: 500, example: 'This shows my neighbour, who did not agree to it.' })
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @TextLines(0, 500)
  reason: string = '';
}

/** What you said of a meme. */
export class MemeReportDto {
  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01' })
  memeId: string;

  @ApiProperty({ example: 'This shows my neighbour, who did not agree to it.' })
  reason: string;

  @ApiProperty({ format: 'date-time', example: '2026-03-01T09:30:00.000Z' })
  createdAt: string;

  static from({ memeId, reason, createdAt }: MemeReport): MemeReportDto {
    return Object.assign(new MemeReportDto(), { memeId, reason, createdAt: createdAt.toISOString() });
  }
}

class ObjectionDto {
  @ApiProperty({ format: 'uuid', example: '019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f02', description: 'who said it' })
  memberId: string;

  @ApiProperty({ example: 'This shows my neighbour, who did not agree to it.' })
  reason: string;

  @ApiProperty({ format: 'date-time', example: '2026-03-01T09:30:00.000Z' })
  createdAt: string;

  static from({ memberId, reason, createdAt }: MemeReport): ObjectionDto {
    return Object.assign(new ObjectionDto(), { memberId, reason, createdAt: createdAt.toISOString() });
  }
}

/** A meme that waits for a moderator. */
export class ReportedMemeDto extends MadeMemeDto {
  @ApiProperty({ type: [ObjectionDto], description: 'what was not decided about, newest first; none where a moderator set it to pending' })
  reports: ObjectionDto[];

  static of({ meme, reports }: { meme: Meme; reports: readonly MemeReport[] }): ReportedMemeDto {
    return Object.assign(new ReportedMemeDto(), MadeMemeDto.from(meme), { reports: reports.map((report) => ObjectionDto.from(report)) });
  }
}

export class ReportedMemePageDto {
  @ApiProperty({ type: [ReportedMemeDto], description: 'newest report first' })
  items: ReportedMemeDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;

  static from(page: Page<{ meme: Meme; reports: readonly MemeReport[] }>): ReportedMemePageDto {
    return Object.assign(new ReportedMemePageDto(), { items: page.items.map((item) => ReportedMemeDto.of(item)), nextCursor: page.nextCursor });
  }
}
