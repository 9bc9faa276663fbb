import { Injectable } from '@nestjs/common';
import type { Server } from 'socket.io';

/** Sends events to members' sockets. Delivery is best effort: what must not be lost is read back by REST. */
@Injectable()
export class Realtime {
  private server: Server | undefined;

  /** Called once, by the gateway, when the socket server is up. */
  attach(server: Server): void {
    this.server = server;
  }

  /** Sends to every socket of a member, in this and other processes. */
  toMember(memberId: string, event: string, payload: object): void {
    this.server?.to(memberRoom(memberId)).emit(event, payload);
  }

  /** Members with a socket in this process. */
  connectedMembers(): string[] {
    if (this.server === undefined) return [];
    return [...this.server.of('/').adapter.rooms.keys()].filter((room) => room.startsWith(MEMBER)).map((room) => room.slice(MEMBER.length));
  }
}

const MEMBER = 'member:';

export function memberRoom(memberId: string): string {
  return `${MEMBER}${memberId}`;
}

export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}
