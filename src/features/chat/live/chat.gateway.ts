import { ConnectedSocket, MessageBody, SubscribeMessage, type OnGatewayInit } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Gateway } from '../../../platform/realtime/acknowledgement.js';
import { SocketDoor } from '../../../platform/realtime/socket-door.js';
import { SendMessageEventDto } from '../dto/send-message.dto.js';
import { cursorsOf, SyncDto } from '../dto/sync.dto.js';
import { ChatSockets, conversationRoom } from '../log/chat-sockets.js';
import { ChatSync, type Synced } from '../log/chat-sync.service.js';
import type { Sent } from '../messages/messages.types.js';
import { Sending } from '../messages/sending.service.js';
import { ChatAudience } from './chat-audience.service.js';

/** Chat by sockets: the namespace `/chat`. */
@Gateway('/chat')
export class ChatGateway implements OnGatewayInit<Namespace> {
  constructor(
    private readonly door: SocketDoor,
    private readonly sockets: ChatSockets,
    private readonly audience: ChatAudience,
    private readonly log: ChatSync,
    private readonly sending: Sending,
  ) {}

  afterInit(namespace: Namespace): void {
    this.door.open(namespace, (socket, actor) => this.audience.enter(socket, actor));
    this.sockets.attach(namespace);
  }

  @SubscribeMessage('sync')
  @RequirePermission(Permission.ChatRead)
  async sync(@ConnectedSocket() socket: Socket, @CurrentActor() actor: Actor, @MessageBody() body: SyncDto): Promise<Synced> {
    await this.audience.listen(socket, actor.memberId);
    return this.log.sync(actor.memberId, cursorsOf(body), body.limit, (id) => socket.rooms.has(conversationRoom(id)));
  }

  @SubscribeMessage('message.send')
  @RequirePermission(Permission.ChatWrite)
  send(@CurrentActor() { memberId }: Actor, @MessageBody() { conversationId, ...draft }: SendMessageEventDto): Promise<Sent> {
    return this.sending.send(memberId, conversationId, draft);
  }
}
