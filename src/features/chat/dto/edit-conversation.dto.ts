import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { MayBeAbsent, MayBeNothing, TextLine } from '../../../platform/http/fields.js';
import { MOST_SLOW_MODE_SECONDS } from '../chat.rules.js';
import { POSTINGS, type Posting } from '../chat.types.js';
import type { ConversationChange } from '../conversations/conversations.types.js';
import { MOST_TITLE } from './conversation.dto.js';

/** `PATCH /api/chat/conversations/:id`: what is left out stays as it is. */
export class EditConversationDto implements ConversationChange {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MOST_TITLE, example: 'Roof garden' })
  @MayBeNothing()
  @TextLine(1, MOST_TITLE)
  title?: string | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MOST_SLOW_MODE_SECONDS, example: 10, description: 'seconds that a member waits between messages; its owner and moderators do not' })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST_SLOW_MODE_SECONDS)
  slowModeSeconds?: number;

  @ApiPropertyOptional({ enum: POSTINGS, description: 'who may send' })
  @MayBeAbsent()
  @IsIn(POSTINGS)
  posting?: Posting;

  @ApiPropertyOptional({ type: Boolean, example: false, description: 'whether it can only be read' })
  @MayBeAbsent()
  @IsBoolean()
  archived?: boolean;
}
