import { ConnectedSocket, MessageBody, SubscribeMessage, type OnGatewayDisconnect } from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import type { Actor } from '../../../platform/auth/actor.js';
import { CurrentActor, RequirePermission } from '../../../platform/auth/decorators.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { RateLimit } from '../../../platform/http/rate-limit.js';
import { Gateway } from '../../../platform/realtime/acknowledgement.js';
import { CallCandidateDto, CallIdDto, CallSdpDto, InviteToCallDto } from '../dto/call.dto.js';
import { CallDevices } from './call-devices.service.js';
import { CallSignals } from './call-signals.service.js';
import { Calls } from './calls.service.js';
import type { Call } from './calls.types.js';

/** Calls by WebRTC: Plaza passes on what the peers have to tell each other until they are connected. */
@Gateway('/chat')
export class CallsGateway implements OnGatewayDisconnect<Socket> {
  constructor(
    private readonly calls: Calls,
    private readonly signals: CallSignals,
    private readonly devices: CallDevices,
  ) {}

  handleDisconnect({ id }: Socket): Promise<void> {
    return this.devices.lose(id);
  }

  @SubscribeMessage('call.list')
  @RequirePermission(Permission.ChatRead)
  async list(@CurrentActor() { memberId }: Actor): Promise<{ calls: Call[] }> {
    return { calls: await this.calls.list(memberId) };
  }

  @SubscribeMessage('call.invite')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('write')
  async invite(@ConnectedSocket() { id: device }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { conversationId, media }: InviteToCallDto): Promise<{ call: Call }> {
    return { call: await this.calls.invite({ memberId, device }, conversationId, media) };
  }

  @SubscribeMessage('call.accept')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('write')
  async accept(@ConnectedSocket() { id: device }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { callId }: CallIdDto): Promise<{ call: Call }> {
    return { call: await this.calls.accept({ memberId, device }, callId) };
  }

  @SubscribeMessage('call.reject')
  @RequirePermission(Permission.ChatRead)
  @RateLimit('write')
  async reject(@ConnectedSocket() { id: device }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { callId }: CallIdDto): Promise<{ call: Call }> {
    return { call: await this.calls.reject({ memberId, device }, callId) };
  }

  @SubscribeMessage('call.hangup')
  @RequirePermission(Permission.ChatRead)
  @RateLimit('write')
  async hangUp(@ConnectedSocket() { id: device }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { callId }: CallIdDto): Promise<{ call: Call }> {
    return { call: await this.calls.hangUp({ memberId, device }, callId) };
  }

  @SubscribeMessage('call.offer')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('frequent')
  offer(@ConnectedSocket() { id: device }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { callId, to, sdp }: CallSdpDto): Promise<void> {
    return this.signals.relay({ memberId, device }, 'call.offer', callId, to, { sdp });
  }

  @SubscribeMessage('call.answer')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('frequent')
  answer(@ConnectedSocket() { id: device }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { callId, to, sdp }: CallSdpDto): Promise<void> {
    return this.signals.relay({ memberId, device }, 'call.answer', callId, to, { sdp });
  }

  @SubscribeMessage('call.ice')
  @RequirePermission(Permission.ChatWrite)
  @RateLimit('frequent')
  candidate(@ConnectedSocket() { id: device }: Socket, @CurrentActor() { memberId }: Actor, @MessageBody() { callId, to, candidate }: CallCandidateDto): Promise<void> {
    return this.signals.relay({ memberId, device }, 'call.ice', callId, to, { candidate });
  }
}
