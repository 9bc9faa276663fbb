import { createParamDecorator, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../platform/auth/actor.js';
import { requestActor } from '../../platform/auth/actor-context.js';
import { IdPipe } from '../../platform/http/validation.js';
import { DeviceTokens } from './casting/device-tokens.service.js';
import type { Viewer } from './visibility.rules.js';

/** What a request says about who sent it. */
interface Sender {
  readonly pollId: string;
  readonly actor: Actor | undefined;
  readonly deviceToken: string | undefined;
}

/** Finds out who looks at a poll: a member where somebody is signed in, else a device. */
@Injectable()
class ViewerPipe implements PipeTransform<Sender, Viewer> {
  private readonly ids = new IdPipe();

  constructor(private readonly devices: DeviceTokens) {}

  /** @throws deviceTokenInvalid; notFound for what cannot be the id of a poll */
  transform({ pollId, actor, deviceToken }: Sender): Viewer {
    if (actor !== undefined) return { memberId: actor.memberId, permissions: actor.permissions };
    return deviceToken === undefined ? {} : { deviceId: this.devices.deviceOf(this.ids.transform(pollId), deviceToken) };
  }
}

const read = createParamDecorator((_: unknown, context: ExecutionContext): Sender => {
  const request = context.getArgByIndex<FastifyRequest<{ Params: { id: string } }>>(0);
  const token = request.headers['x-device-token'];
  return { pollId: request.params.id, actor: requestActor(request), deviceToken: typeof token === 'string' ? token : undefined };
});

/** Who looks at the poll of the path, or votes in it: signed in, or with an X-Device-Token if it is a public one, or neither. */
export const PollViewer = (): ParameterDecorator => (target, method, index) => {
  read(ViewerPipe)(target, method, index);
  ApiHeader({ name: 'X-Device-Token', required: false, description: 'Of a public poll, for whoever is not signed in', schema: { type: 'string' } })(
    target, method!, Object.getOwnPropertyDescriptor(target, method!)!,
  );
};
