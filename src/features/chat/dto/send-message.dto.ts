import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsUUID, ValidateBy } from 'class-validator';
import { DistinctTexts, LowerCased, MayBeNothing } from '../../../platform/http/fields.js';
import { MOST_CODE_POINTS, MOST_FILES } from '../chat.rules.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';

/** Any text that is one: half of a surrogate pair is no character, and nobody could send it back as it came. */
export const WellFormed = () =>
  ValidateBy({
    name: 'wellFormed',
    validator: { validate: (value: unknown) => typeof value === 'string' && value.isWellFormed(), defaultMessage: () => '$property must be a text without halves of characters' },
  });

/** The body of `POST …/messages`. */
export class SendMessageDto {
  @ApiProperty({ format: 'uuid', example: ID, description: 'made by the client for this message: sent again with it, it is still one message' })
  @IsUUID()
  @LowerCased()
  clientId: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MOST_CODE_POINTS, example: 'Who has the key to the roof?', description: 'kept as it is; <@id of a member> calls that member' })
  @MayBeNothing()
  @WellFormed()
  text?: string;

  @ApiPropertyOptional({ type: [String], format: 'uuid', maxItems: MOST_FILES, example: [], description: 'files of yours that are ready' })
  @MayBeNothing()
  @LowerCased()
  @DistinctTexts(MOST_FILES)
  @IsUUID(undefined, { each: true })
  fileIds?: string[];

  @ApiPropertyOptional({ type: String, nullable: true, format: 'uuid', description: 'the message that it answers' })
  @MayBeNothing()
  @LowerCased()
  @IsUUID()
  replyTo?: string;

  @ApiPropertyOptional({ type: String, nullable: true, format: 'uuid', description: 'the message that began its thread' })
  @MayBeNothing()
  @LowerCased()
  @IsUUID()
  threadRoot?: string;
}

/** The payload of `message.send`. */
export class SendMessageEventDto extends SendMessageDto {
  @IsUUID()
  @LowerCased()
  conversationId: string;
}
