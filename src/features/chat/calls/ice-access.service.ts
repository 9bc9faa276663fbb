import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { ICE_TTL_SECONDS, iceServers, type IceServer } from './ice.rules.js';

/** The servers that a member's calls may use, and for how long. */
export interface IceServers {
  readonly iceServers: readonly IceServer[];
  readonly ttlSeconds: number;
}

/** Hands out passwords for the TURN servers, which check them by the secret that they share with Plaza. */
@Injectable()
export class IceAccess {
  constructor(private readonly config: Config) {}

  grant(memberId: string): IceServers {
    const { TURN_URLS: urls, TURN_SECRET: secret } = this.config;
    // The servers go by the time of day, not by the community's calendar.
    return { iceServers: iceServers(urls, secret, memberId, new Date()), ttlSeconds: ICE_TTL_SECONDS };
  }
}
