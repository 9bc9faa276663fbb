import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn } from 'class-validator';
import { MayBeAbsent, TextLines } from '../../../platform/http/fields.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { REPORT_STATES, type MessageReport, type ReportedMessage, type ReportState } from '../moderation/moderation.types.js';
import { ChatMessageDto } from './message.dto.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';
const REASON = 'This is the third time they offer watches here.';

/** The body of `POST …/messages/:id/reports`. */
export class ReportMessageDto {
  @ApiPropertyOptional({ maxLength: 500, default: '', example: REASON })
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @TextLines(0, 500)
  reason: string = '';
}

/** What you have reported. */
export class MessageReportDto implements MessageReport {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ format: 'uuid', example: ID })
  messageId: string;

  @ApiProperty({ example: REASON })
  reason: string;

  @ApiProperty({ format: 'date-time', example: '2026-03-01T09:30:00.000Z' })
  createdAt: string;
}

export class ReportQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: REPORT_STATES, default: 'open', example: 'open', description: 'only reports in this state' })
  @MayBeAbsent()
  @IsIn(REPORT_STATES)
  state: ReportState = 'open';
}

/** The body of `PATCH …/reports/:id`. */
export class ResolveReportDto {
  @ApiProperty({ enum: ['resolved'], example: 'resolved', description: 'a report is not opened again' })
  @IsIn(['resolved'])
  state: 'resolved';
}

/** A report as moderators of the community see it. */
export class ReportedMessageDto implements ReportedMessage {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ enum: REPORT_STATES, example: 'open' })
  state: ReportState;

  @ApiProperty({ example: REASON })
  reason: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: ID, description: 'who reported it; null when they are no member any more' })
  reporterId: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-03-01T09:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  resolvedAt: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: null, description: 'the moderator' })
  resolvedBy: string | null;

  @ApiProperty({ type: ChatMessageDto, description: 'as it is now' })
  message: ChatMessageDto;
}

export class ReportedMessagePageDto {
  @ApiProperty({ type: [ReportedMessageDto], description: 'newest first' })
  items: ReportedMessageDto[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'cursor of the next page; null on the last' })
  nextCursor: string | null;
}
