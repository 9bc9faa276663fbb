import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/auth/actor.js';
import { DeviceTokens } from './casting/device-tokens.service.js';
import type { Viewer } from './visibility.rules.js';

/** Finds out who looks at a poll: a member where somebody is signed in, else a device. */
@Injectable()
export class Viewers {
  constructor(private readonly devices: DeviceTokens) {}

  /** @throws deviceTokenInvalid */
  of(pollId: string, actor: Actor | undefined, deviceToken: string | undefined): Viewer {
    if (actor !== undefined) return { memberId: actor.memberId, permissions: actor.permissions };
    return deviceToken === undefined ? {} : { deviceId: this.devices.deviceOf(pollId, deviceToken) };
  }
}
