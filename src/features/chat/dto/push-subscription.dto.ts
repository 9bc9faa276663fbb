import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { Allow, IsObject, IsString, Matches, MaxLength, ValidateNested } from 'class-validator';
import type { BrowserKeys, Subscription } from '../push/push.types.js';

const ENDPOINT = 'https://push.example.net/wpush/v2/gAAAAABk';
const MOST_ENDPOINT = 2_000;
/** Bytes as base64url. Some clients pad it, or write plain base64. */
const Base64Url = () => Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_') : value));

/** `keys` of a browser's subscription. */
export class PushKeysDto implements BrowserKeys {
  @ApiProperty({ example: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4', description: 'public key of the browser: 65 bytes, base64url' })
  @Base64Url()
  @Matches(/^[\w-]{87}$/, { message: '$property must be 65 bytes in base64url' })
  p256dh: string;

  @ApiProperty({ example: 'BTBZMqHH6r4Tts7J_aSIgg', description: 'secret of the subscription: 16 bytes, base64url' })
  @Base64Url()
  @Matches(/^[\w-]{22}$/, { message: '$property must be 16 bytes in base64url' })
  auth: string;
}

/** The body of `DELETE /api/push/subscriptions`. */
export class PushEndpointDto {
  @ApiProperty({ maxLength: MOST_ENDPOINT, example: ENDPOINT, description: 'address at the push service' })
  @IsString()
  @MaxLength(MOST_ENDPOINT)
  endpoint: string;
}

/** The body of `POST /api/push/subscriptions`: what `PushSubscription.toJSON()` says. */
export class SubscribeDto extends PushEndpointDto {
  @ApiProperty({ type: PushKeysDto, description: 'the keys of the browser\'s subscription' })
  @IsObject()
  @ValidateNested()
  @Type(() => PushKeysDto)
  keys: PushKeysDto;

  @ApiPropertyOptional({ nullable: true, type: Number, example: null, description: 'said by browsers; a push service tells by itself when a subscription is over' })
  @Allow()
  expirationTime?: unknown;
}

/** A subscription of yours. */
export class PushSubscriptionDto implements Subscription {
  @ApiProperty({ format: 'uuid', example: '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e' })
  id: string;

  @ApiProperty({ example: ENDPOINT })
  endpoint: string;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

/** What browsers subscribe with. */
export class PushKeyDto {
  @ApiProperty({ example: 'BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs', description: 'base64url' })
  publicKey: string;
}
