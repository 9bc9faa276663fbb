import { ApiProperty } from '@nestjs/swagger';
import { TextLength } from '../../../platform/http/fields.js';

/** Why an entry is taken back. */
export class ReversalDto {
  @ApiProperty({ minLength: 3, maxLength: 500, example: 'Booked twice by mistake', description: 'shown to the member, of a transfer to both' })
  @TextLength(3, 500)
  reason: string;
}
