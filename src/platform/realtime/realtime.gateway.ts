import type { OnGatewayInit } from '@nestjs/websockets';
import type { Server } from 'socket.io';
import { Gateway } from './acknowledgement.js';
import { Realtime } from './realtime.js';
import { SocketDoor } from './socket-door.js';

/** The namespace `/`, where members hear of what is theirs. */
@Gateway()
export class RealtimeGateway implements OnGatewayInit<Server> {
  constructor(
    private readonly door: SocketDoor,
    private readonly realtime: Realtime,
  ) {}

  afterInit(server: Server): void {
    this.door.open(server.of('/'));
    this.realtime.attach(server.of('/'));
  }
}
