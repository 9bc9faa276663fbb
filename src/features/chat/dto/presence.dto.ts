import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayNotEmpty, IsUUID } from 'class-validator';
import { DistinctTexts } from '../../../platform/http/fields.js';
import { PRESENCE_STATES, type MemberPresence, type PresenceState } from '../live/presence.types.js';

const ID = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';
const MOST_MEMBERS = 100;

/** `GET /api/chat/presence?memberIds=a,b,…` */
export class PresenceQueryDto {
  @ApiProperty({ type: String, example: ID, description: `ids of at most ${MOST_MEMBERS} members, with commas between` })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',').map((id) => id.trim().toLowerCase()) : value))
  @DistinctTexts(MOST_MEMBERS)
  @ArrayNotEmpty()
  @IsUUID(undefined, { each: true })
  memberIds: string[];
}

export class MemberPresenceDto implements MemberPresence {
  @ApiProperty({ format: 'uuid', example: ID })
  memberId: string;

  @ApiProperty({ enum: PRESENCE_STATES, description: 'online until 30 s after the last socket has gone' })
  state: PresenceState;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'the last event of a socket; null when none is remembered' })
  lastActiveAt: string | null;
}

export class PresenceListDto {
  @ApiProperty({ type: [MemberPresenceDto], description: 'in the order asked; without members with whom you share no conversation' })
  items: MemberPresenceDto[];
}
