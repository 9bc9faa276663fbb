import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Gateway } from '../../../platform/realtime/acknowledgement.js';
import { WatchPollDto } from '../dto/watch-poll.dto.js';
import { PollWatch, type Subscription } from './poll-watch.service.js';

/** Live polls: whoever subscribes to one is sent `poll.state` and, where they may see the counts, `poll.result`. */
@Gateway()
export class PollLiveGateway {
  constructor(private readonly watch: PollWatch) {}

  @SubscribeMessage('poll.subscribe')
  @RequirePermission(Permission.PollsRead)
  subscribe(@ConnectedSocket() socket: Socket, @CurrentActor() actor: Actor, @MessageBody() { pollId }: WatchPollDto): Promise<Subscription> {
    return this.watch.subscribe(socket, actor, pollId);
  }

  @SubscribeMessage('poll.unsubscribe')
  @RequirePermission(Permission.PollsRead)
  unsubscribe(@ConnectedSocket() socket: Socket, @MessageBody() { pollId }: WatchPollDto): void {
    this.watch.unsubscribe(socket, pollId);
  }
}
