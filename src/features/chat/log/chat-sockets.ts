import { Injectable } from '@nestjs/common';
import { RealtimeNamespace } from '../../../platform/realtime/realtime.js';

/** The sockets of the namespace `/chat`. */
@Injectable()
export class ChatSockets extends RealtimeNamespace {}

const CONVERSATION = 'conversation:';

/** Where a conversation is heard: nobody stands in it who may not read it. */
export function conversationRoom(conversationId: string): string {
  return `${CONVERSATION}${conversationId}`;
}
