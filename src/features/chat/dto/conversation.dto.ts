import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsUUID } from 'class-validator';
import { DistinctTexts, LowerCased, MayBeNothing, TextLine } from '../../../platform/http/fields.js';
import { CONVERSATION_KINDS, CONVERSATION_ROLES, NOTIFY, POSTINGS, type ConversationKind, type ConversationRole, type ConversationSettings, type Notify, type Posting } from '../chat.types.js';
import type { Conversation } from '../conversations/conversations.types.js';
import { ChatMessageDto } from './message.dto.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';
export const MOST_TITLE = 200;
export const MOST_MEMBERS_AT_ONCE = 500;

/** The body of `POST /api/chat/conversations`. */
export class MakeConversationDto {
  @ApiProperty({ enum: CONVERSATION_KINDS, example: 'group' })
  @IsIn(CONVERSATION_KINDS)
  kind: ConversationKind;

  @ApiProperty({ type: [String], format: 'uuid', maxItems: MOST_MEMBERS_AT_ONCE, example: [], description: 'who takes part beside you; in a dm one other member' })
  @LowerCased()
  @DistinctTexts(MOST_MEMBERS_AT_ONCE)
  @IsUUID(undefined, { each: true })
  memberIds: string[];

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MOST_TITLE, example: 'Roof garden', description: 'a dm has none' })
  @MayBeNothing()
  @TextLine(1, MOST_TITLE)
  title?: string | null;
}

/** How a conversation is set up. */
export class ConversationSettingsDto implements ConversationSettings {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ enum: CONVERSATION_KINDS })
  kind: ConversationKind;

  @ApiProperty({ type: String, nullable: true, example: 'Roof garden' })
  title: string | null;

  @ApiProperty({ type: 'integer', example: 0, description: 'seconds that a member waits between messages' })
  slowModeSeconds: number;

  @ApiProperty({ enum: POSTINGS, description: 'who may send' })
  posting: Posting;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'since when nothing is added to it' })
  archivedAt: string | null;
}

/** A conversation as one of its members sees it. */
export class ConversationDto extends ConversationSettingsDto implements Conversation {
  @ApiProperty({ type: 'integer', example: 1 })
  epoch: number;

  @ApiProperty({ type: 'integer', example: 57, description: 'the last event of its log' })
  lastSeq: number;

  @ApiProperty({ type: 'integer', example: 41, description: 'the last message' })
  lastNo: number;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'in a dm the other one' })
  peerId: string | null;

  @ApiProperty({ enum: CONVERSATION_ROLES, description: 'yours' })
  role: ConversationRole;

  @ApiProperty({ enum: NOTIFY, description: 'what you are notified of while away' })
  notify: Notify;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'until when you may not send' })
  mutedUntil: string | null;

  @ApiProperty({ type: 'integer', example: 3, description: 'messages of others after what you have read' })
  unread: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'those of them that call you by name' })
  mentions: number;

  @ApiProperty({ type: 'integer', example: 52 })
  myReadSeq: number;

  @ApiProperty({ type: ChatMessageDto, nullable: true })
  lastMessage: ChatMessageDto | null;
}

export class ConversationPageDto {
  @ApiProperty({ type: [ConversationDto] })
  items: ConversationDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor: string | null;
}
