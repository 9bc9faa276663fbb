import { Global, Module } from '@nestjs/common';
import { ProcessBus } from './process-bus.js';
import { Realtime } from './realtime.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { RealtimeTimings } from './realtime-timings.js';
import { SocketDoor } from './socket-door.js';

@Global()
@Module({ providers: [Realtime, RealtimeGateway, RealtimeTimings, SocketDoor, ProcessBus], exports: [Realtime, SocketDoor, ProcessBus] })
export class RealtimeModule {}
