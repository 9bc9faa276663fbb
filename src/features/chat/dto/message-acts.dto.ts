import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsString, IsUUID, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { LowerCased } from '../../../platform/http/fields.js';
import { MOST_CODE_POINTS } from '../chat.rules.js';
import { WellFormed } from './send-message.dto.js';

const MOST_VERSION = 2_147_483_647;
/** More than any emoji has. */
const LONGEST_EMOJI = 64;

/** The body of `PATCH …/messages/:id`. */
export class EditMessageDto {
  @ApiProperty({ type: String, nullable: true, maxLength: MOST_CODE_POINTS, example: 'Who has the key to the cellar?', description: 'all of the new text; null for none, where there are files' })
  @ValidateIf((_, text) => text !== null)
  @WellFormed()
  text: string | null;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: MOST_VERSION, example: 1, description: 'the version of the message that you have seen' })
  @IsInt()
  @Min(1)
  @Max(MOST_VERSION)
  version: number;
}

/** The payload of `message.edit`. */
export class EditMessageEventDto extends EditMessageDto {
  @IsUUID()
  @LowerCased()
  messageId: string;
}

/** The payload of `message.delete`. */
export class DeleteMessageEventDto {
  @IsUUID()
  @LowerCased()
  messageId: string;
}

/** The payload of `reaction.set`. */
export class SetReactionEventDto {
  @IsUUID()
  @LowerCased()
  messageId: string;

  @IsString()
  @MaxLength(LONGEST_EMOJI)
  emoji: string;

  @IsBoolean()
  on: boolean;
}
