import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsUUID } from 'class-validator';
import { DistinctTexts, IsInstant, LowerCased, MayBeAbsent, MayBeNothing } from '../../../platform/http/fields.js';
import { CONVERSATION_ROLES, NOTIFY, type ConversationRole, type Notify } from '../chat.types.js';
import type { Block, ConversationDetails, ConversationMember, ConversationMembers, PartChange } from '../conversations/conversations.types.js';
import { ConversationDto, MOST_MEMBERS_AT_ONCE } from './conversation.dto.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';

/** The body of `POST …/members`. */
export class AddMembersDto {
  @ApiProperty({ type: [String], format: 'uuid', maxItems: MOST_MEMBERS_AT_ONCE, example: [], description: 'who is to take part; who does already stays as they are' })
  @LowerCased()
  @DistinctTexts(MOST_MEMBERS_AT_ONCE)
  @IsUUID(undefined, { each: true })
  memberIds: string[];
}

/** The body of `PATCH …/members/:memberId`: what is left out stays as it is, null lifts. */
export class ChangeMemberDto implements PartChange {
  @ApiPropertyOptional({ enum: CONVERSATION_ROLES, description: 'given by owners' })
  @MayBeAbsent()
  @IsIn(CONVERSATION_ROLES)
  role?: ConversationRole;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description: 'until when they may not send' })
  @MayBeNothing()
  @IsInstant()
  mutedUntil?: Date | null;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description: 'until when they may neither read nor send' })
  @MayBeNothing()
  @IsInstant()
  bannedUntil?: Date | null;

  @ApiPropertyOptional({ enum: NOTIFY, example: 'mentions', description: 'what you are notified of while away; your own only' })
  @MayBeAbsent()
  @IsIn(NOTIFY)
  notify?: Notify;
}

/** Somebody's part in a conversation, as everybody in it sees it. */
export class ConversationMemberDto implements ConversationMember {
  @ApiProperty({ format: 'uuid', example: ID })
  memberId: string;

  @ApiProperty({ enum: CONVERSATION_ROLES })
  role: ConversationRole;

  @ApiProperty({ format: 'date-time' })
  joinedAt: string;

  @ApiProperty({ type: 'integer', example: 52, description: 'they have read up to this event' })
  readSeq: number;

  @ApiProperty({ type: 'integer', example: 57, description: 'their devices have got up to this event' })
  deliveredSeq: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'until when they may not send' })
  mutedUntil: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'until when they may neither read nor send' })
  bannedUntil: string | null;
}

export class ConversationMemberPageDto {
  @ApiProperty({ type: [ConversationMemberDto] })
  items: ConversationMemberDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor: string | null;
}

/** Those that were put in, or were in already. */
export class AddedMembersDto implements ConversationMembers {
  @ApiProperty({ type: [ConversationMemberDto] })
  members: ConversationMemberDto[];

  @ApiProperty({ type: 'integer', example: 12, description: 'how many are in it in all' })
  memberCount: number;
}

/** A conversation, and who is in it. */
export class ConversationDetailsDto extends ConversationDto implements ConversationDetails {
  @ApiProperty({ type: [ConversationMemberDto], description: 'at most 500, whoever has been in it for longest first' })
  members: ConversationMemberDto[];

  @ApiProperty({ type: 'integer', example: 12, description: 'how many are in it in all' })
  memberCount: number;
}

/** Somebody whom you have blocked. */
export class BlockDto implements Block {
  @ApiProperty({ format: 'uuid', example: ID })
  memberId: string;

  @ApiProperty({ format: 'date-time', description: 'since when' })
  at: string;
}

export class BlockPageDto {
  @ApiProperty({ type: [BlockDto] })
  items: BlockDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor: string | null;
}
