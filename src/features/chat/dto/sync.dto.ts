import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsString, Max, MaxLength, Min, ValidateBy } from 'class-validator';
import { EmptyIsAbsent, MayBeAbsent, WholeNumber } from '../../../platform/http/fields.js';
import type { LogCursor } from '../chat.types.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_CURSORS = 1_000;
const MOST_EVENTS = 500;
export const LONGEST_POLL_SECONDS = 25;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isCursor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 2 && isCount((value as LogCursor).epoch) && isCount((value as LogCursor).seq);
}

/** `{<conversationId>: {epoch, seq}}`. */
const LogCursors = () =>
  ValidateBy({
    name: 'logCursors',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length <= MOST_CURSORS
        && Object.entries(value).every(([id, cursor]) => UUID.test(id) && isCursor(cursor)),
      defaultMessage: () => `$property must be {<conversationId>: {epoch, seq}} of at most ${MOST_CURSORS} conversations, with whole numbers from 0`,
    },
  });

/** The body of `POST /api/chat/sync`, and the payload of `sync`. */
export class SyncDto {
  @ApiProperty({
    type: 'object', additionalProperties: { type: 'object', required: ['epoch', 'seq'], properties: { epoch: { type: 'integer' }, seq: { type: 'integer' } } }, example: { [ID]: { epoch: 1, seq: 0 } },
    description: 'by conversation how far you have its log; seq 0 asks from the start',
  })
  @LogCursors()
  cursors: Record<string, LogCursor>;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_EVENTS, default: 200, description: 'how many events at most' })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MOST_EVENTS)
  limit: number = 200;
}

/** Cursors by the ids as they are kept. */
export function cursorsOf({ cursors }: SyncDto): Map<string, LogCursor> {
  return new Map(Object.entries(cursors).map(([id, cursor]) => [id.toLowerCase(), cursor]));
}

/** `GET /api/chat/poll?…` */
export class PollQueryDto {
  @ApiPropertyOptional({ maxLength: 15_000, description: '`next` of the last answer; without it, now' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsString()
  @MaxLength(15_000)
  since?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: LONGEST_POLL_SECONDS, default: LONGEST_POLL_SECONDS, description: 'how many seconds to wait for something' })
  @MayBeAbsent()
  @WholeNumber()
  @IsInt()
  @Min(0)
  @Max(LONGEST_POLL_SECONDS)
  timeout: number = LONGEST_POLL_SECONDS;
}
