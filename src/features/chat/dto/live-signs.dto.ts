import { IsUUID, ValidateIf } from 'class-validator';
import { LowerCased } from '../../../platform/http/fields.js';

/** The payload of `typing`. */
export class TypingEventDto {
  @IsUUID()
  @LowerCased()
  conversationId: string;
}

/** The payload of `focus`: null looks at none. */
export class FocusEventDto {
  @ValidateIf((_, value) => value !== null)
  @IsUUID()
  @LowerCased()
  conversationId: string | null;
}
