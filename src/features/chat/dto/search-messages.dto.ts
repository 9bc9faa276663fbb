import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsUUID, ValidateBy } from 'class-validator';
import { EmptyIsAbsent, IsInstant, LowerCased, MayBeAbsent, TextLength } from '../../../platform/http/fields.js';
import { PageQueryDto } from '../../../platform/http/page.dto.js';
import { queryOf } from '../search/word.rules.js';
import { ChatMessageDto } from './message.dto.js';

const MOST_CHARACTERS = 200;
const MOST_WORDS = 50;

const HasWords = () =>
  ValidateBy({
    name: 'hasWords',
    validator: {
      validate: (value: unknown) => {
        if (typeof value !== 'string' || value.length > 2 * MOST_CHARACTERS) return false;
        const query = queryOf(value);
        return query !== undefined && query.words.length < MOST_WORDS;
      },
      defaultMessage: () => `$property must have a word in it, and not more than ${MOST_WORDS}`,
    },
  });

/** `GET /api/chat/search?…` */
export class SearchMessagesDto extends PageQueryDto {
  @ApiProperty({ minLength: 1, maxLength: MOST_CHARACTERS, example: 'roof key', description: 'words that are all in the message, the last one at least begun; case and accents do not matter' })
  @TextLength(1, MOST_CHARACTERS)
  @HasWords()
  q: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'only in this conversation' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @LowerCased()
  @IsUUID()
  conversation?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'only from this member' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @LowerCased()
  @IsUUID()
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only what was sent before' })
  @EmptyIsAbsent()
  @MayBeAbsent()
  @IsInstant()
  before?: Date;
}

export class FoundMessagesDto {
  @ApiProperty({ type: [ChatMessageDto], description: 'the newest first' })
  items: ChatMessageDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor: string | null;
}
