import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** Servers that help two peers to find a way to each other. */
export class IceServerDto {
  @ApiProperty({ type: [String], example: ['turn:turn.example.org:3478'] })
  urls: readonly string[];

  @ApiPropertyOptional({ example: '1795401000:0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e', description: 'until when it lets you in (Unix time in seconds), and who you are; STUN servers ask for none' })
  username?: string;

  @ApiPropertyOptional({ example: 'y8KZ1Wn8cA1m0fN7r1xT8mQvQxI=', description: 'its password' })
  credential?: string;
}

/** `GET /api/chat/ice-servers` */
export class IceServersDto {
  @ApiProperty({ type: [IceServerDto], description: 'none where this Plaza has none: calls then work within one network' })
  iceServers: readonly IceServerDto[];

  @ApiProperty({ type: 'integer', example: 600, description: 'for how many seconds the passwords let you in' })
  ttlSeconds: number;
}
