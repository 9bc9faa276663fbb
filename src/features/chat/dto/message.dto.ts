import { ApiProperty } from '@nestjs/swagger';
import { EVENT_TYPES, type ChatEvent, type ChatMessage, type EventData, type EventType, type MessageFile, type Reaction } from '../chat.types.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';

export class MessageFileDto implements MessageFile {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ example: 'floor-plan.pdf' })
  name: string;

  @ApiProperty({ example: 'application/pdf' })
  mediaType: string;

  @ApiProperty({ type: 'integer', example: 48_213 })
  bytes: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'in pixels, of pictures' })
  width: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  height: number | null;
}

export class MessageReactionDto implements Reaction {
  @ApiProperty({ example: '👍' })
  emoji: string;

  @ApiProperty({ type: 'integer', example: 3 })
  count: number;

  @ApiProperty({ type: [String], format: 'uuid', description: 'whose it is, the first one first; of more than 50 the first 50' })
  memberIds: string[];
}

/** A message, as every door shows it. */
export class ChatMessageDto implements ChatMessage {
  @ApiProperty({ format: 'uuid', example: ID })
  id: string;

  @ApiProperty({ format: 'uuid', example: ID })
  conversationId: string;

  @ApiProperty({ type: 'integer', example: 41, description: 'counts the messages of the conversation, from 1 without a gap' })
  no: number;

  @ApiProperty({ type: 'integer', example: 57, description: 'the event of its sending' })
  seq: number;

  @ApiProperty({ format: 'uuid', example: ID })
  senderId: string;

  @ApiProperty({ format: 'uuid', example: ID, description: 'what the sender called it' })
  clientId: string;

  @ApiProperty({ type: String, nullable: true, example: 'Who has the key to the roof?', description: 'null without one, and once deleted' })
  text: string | null;

  @ApiProperty({ type: 'integer', example: 1, description: 'one more with each edit' })
  version: number;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  editedAt: string | null;

  @ApiProperty({ example: false })
  deleted: boolean;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'the message that it answers' })
  replyTo: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'the message that began its thread' })
  threadRoot: string | null;

  @ApiProperty({ type: [String], format: 'uuid', description: 'members whom the text calls, as <@their id>' })
  mentions: string[];

  @ApiProperty({ type: [MessageFileDto] })
  files: MessageFileDto[];

  @ApiProperty({ type: [MessageReactionDto] })
  reactions: MessageReactionDto[];
}

export class SentMessageDto {
  @ApiProperty({ type: ChatMessageDto })
  message: ChatMessageDto;

  @ApiProperty({ example: false, description: 'whether it had been sent before' })
  duplicate: boolean;
}

export class MessageHistoryDto {
  @ApiProperty({ type: [ChatMessageDto], description: 'in the order of their numbers' })
  items: ChatMessageDto[];

  @ApiProperty({ type: 'integer', nullable: true, description: '`before` of the page of older ones; null where there are none, or none were asked for' })
  nextBefore: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: '`after` of the page of newer ones, likewise' })
  nextAfter: number | null;
}

/** What happened in a conversation. */
export class ChatEventDto implements ChatEvent {
  @ApiProperty({ format: 'uuid', example: ID })
  conversationId: string;

  @ApiProperty({ type: 'integer', example: 1, description: 'grows when the log begins anew' })
  epoch: number;

  @ApiProperty({ type: 'integer', example: 57, description: 'counts the events of the conversation, from 1 without a gap' })
  seq: number;

  @ApiProperty({ enum: EVENT_TYPES })
  type: EventType;

  @ApiProperty({ format: 'date-time' })
  at: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'who did it' })
  actorId: string | null;

  @ApiProperty({
    type: 'object', additionalProperties: true, example: { messageId: ID },
    description: 'message.created, message.edited: {message}, as it is now; message.deleted: {messageId}; reaction.*: {messageId, emoji, memberId}; member.*: {memberId, …}; conversation.changed: {conversation}',
  })
  data: EventData;
}

export class LogResetDto {
  @ApiProperty({ format: 'uuid', example: ID })
  conversationId: string;

  @ApiProperty({ type: 'integer', example: 2 })
  epoch: number;

  @ApiProperty({ type: 'integer', example: 0 })
  seq: number;
}

export class SyncedDto {
  @ApiProperty({ type: [ChatEventDto], description: 'of each conversation in the order of its log' })
  events: ChatEventDto[];

  @ApiProperty({ type: [LogResetDto], description: 'logs that begin anew: what is had of them is dropped, and asked for from here' })
  resets: LogResetDto[];

  @ApiProperty({ type: [String], format: 'uuid', description: 'conversations that you are not in (any more)' })
  gone: string[];

  @ApiProperty({ example: false, description: 'whether there is more: ask again, from what is had now' })
  more: boolean;
}

export class PolledDto {
  @ApiProperty({ type: [ChatEventDto] })
  events: ChatEventDto[];

  @ApiProperty({ description: '`since` of the next request' })
  next: string;
}

export class ReadMarkDto {
  @ApiProperty({ type: 'integer', example: 57, description: 'the last event that was read' })
  readSeq: number;

  @ApiProperty({ type: 'integer', example: 57, description: 'the last event that has reached one of the member\'s devices' })
  deliveredSeq: number;
}
