import { createHmac, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Config } from '../../../platform/config/config.js';
import { SecretKeys } from '../../../platform/config/secret-keys.js';
import { consume } from '../../../platform/http/rate-limit.js';
import { isSameText } from '../../../platform/http/same-text.js';
import { PollAccess } from '../poll-access.service.js';
import type { Viewer } from '../visibility.rules.js';
import { deviceTokenInvalid, notEligible } from '../voting.errors.js';

/** Tokens for each address and hour, before RATE_LIMIT_SCALE. */
const PER_HOUR = 5;
const HOUR_SECONDS = 3_600;

/**
 * Lets people vote in a public poll who are not signed in. A token says no more than that this is the same device
 * as before: whoever has several has several votes, which is why such results are called unverified.
 */
@Injectable()
export class DeviceTokens {
  private readonly limiter: RateLimiterMemory;

  constructor(
    private readonly keys: SecretKeys,
    private readonly access: PollAccess,
    config: Config,
  ) {
    this.limiter = new RateLimiterMemory({ points: Math.max(1, Math.floor(PER_HOUR * config.RATE_LIMIT_SCALE)), duration: HOUR_SECONDS });
  }

  /** A new token for one poll. @throws notEligible when the poll is not public; rateLimited */
  async issue(viewer: Viewer, pollId: string, ip: string): Promise<string> {
    const { electorate } = await this.access.get(viewer, pollId);
    if (electorate !== 'public') throw notEligible({}, 'Only public polls take votes by device tokens. Sign in to vote here.');
    await consume(this.limiter, ip);
    return deviceToken(pollId, randomUUID(), this.keys.current('devices').key);
  }

  /** The device of a token. @throws deviceTokenInvalid when it is none of this poll */
  deviceOf(pollId: string, token: string): string {
    const [deviceId = '', given = ''] = token.split('.');
    if (!this.keys.live('devices').some(({ key }) => isSameText(given, signature(pollId, deviceId, key)))) throw deviceTokenInvalid();
    return deviceId;
  }
}

export function deviceToken(pollId: string, deviceId: string, key: Buffer): string {
  return `${deviceId}.${signature(pollId, deviceId, key)}`;
}

function signature(pollId: string, deviceId: string, key: Buffer): string {
  return createHmac('sha256', key).update(`poll\n${pollId}\n${deviceId}`).digest('base64url');
}
