import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsUUID, Min } from 'class-validator';
import { LowerCased, MayBeAbsent } from '../../../platform/http/fields.js';

/** The body of `PUT …/read`. */
export class MarkReadDto {
  @ApiProperty({ type: 'integer', minimum: 0, example: 1, description: 'the last event that was read' })
  @IsInt()
  @Min(0)
  seq: number;
}

/** The payload of `receipt`. */
export class ReceiptEventDto {
  @IsUUID()
  @LowerCased()
  conversationId: string;

  @MayBeAbsent()
  @IsInt()
  @Min(0)
  readSeq?: number;

  @MayBeAbsent()
  @IsInt()
  @Min(0)
  deliveredSeq?: number;
}
