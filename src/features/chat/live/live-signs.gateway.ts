import { ConnectedSocket, MessageBody, SubscribeMessage, type OnGatewayConnection, type OnGatewayDisconnect } from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import type { Actor } from '../../../platform/auth/actor.js';
import { socketActor } from '../../../platform/auth/actor-context.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { Gateway } from '../../../platform/realtime/acknowledgement.js';
import { FocusEventDto, TypingEventDto } from '../dto/live-signs.dto.js';
import { ReceiptEventDto } from '../dto/read-mark.dto.js';
import { Reading } from '../reading/reading.service.js';
import type { ReadMark } from '../reading/reading.types.js';
import { PresenceRoster } from './presence-roster.service.js';
import { Presence } from './presence.service.js';
import { Typing } from './typing.service.js';

/** What members see of each other between messages: who is there, who is typing, who has read how far. */
@Gateway('/chat')
export class LiveSignsGateway implements OnGatewayConnection<Socket>, OnGatewayDisconnect<Socket> {
  constructor(
    private readonly roster: PresenceRoster,
    private readonly presence: Presence,
    private readonly typingSigns: Typing,
    private readonly reading: Reading,
  ) {}

  handleConnection(socket: Socket): void {
    const { memberId } = socketActor(socket)!;
    socket.onAny(() => this.roster.note(memberId));
    this.roster.arrive(memberId, socket.id);
  }

  handleDisconnect(socket: Socket): void {
    this.roster.leave(socketActor(socket)!.memberId, socket.id);
  }

  @SubscribeMessage('receipt')
  @RequirePermission(Permission.ChatRead)
  @RateLimit('frequent')
  receipt(@CurrentActor() { memberId }: Actor, @MessageBody() { conversationId, readSeq, deliveredSeq }: ReceiptEventDto): Promise<ReadMark> {
    return this.reading.advance(memberId, conversationId, { readSeq, deliveredSeq });
  }

  @SubscribeMessage('typing')
  @RequirePermission(Permission.ChatWrite)
  typing(@ConnectedSocket() socket: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { conversationId }: TypingEventDto): Promise<void> {
    return this.typingSigns.note(socket, { conversationId, memberId });
  }

  @SubscribeMessage('focus')
  @RequirePermission(Permission.ChatRead)
  focus(@ConnectedSocket() { id }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { conversationId }: FocusEventDto): Promise<void> {
    return this.presence.focus(memberId, id, conversationId);
  }
}
