import { Injectable } from '@nestjs/common';
import type { Server, Socket } from 'socket.io';
import type { Actor } from '../auth/actor.js';
import { socketActor } from '../auth/actor-context.js';

/** What features know of a socket: the rooms that it is in. Who has disconnected is in none, and enters none. */
export type RoomSocket = Pick<Socket, 'rooms' | 'join' | 'leave'>;

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

  /** Sends to the sockets of this process that are in a room. */
  toRoom(room: string, event: string, payload: object): void {
    this.server?.local.to(room).emit(event, payload);
  }

  /** The sockets of this process that are in a room, and whose they are. */
  inRoom(room: string): { readonly socket: RoomSocket; readonly actor: Actor }[] {
    if (this.server === undefined) return [];
    const { adapter, sockets } = this.server.of('/');
    return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => {
      const socket = sockets.get(id);
      return socket === undefined ? [] : [{ socket, actor: socketActor(socket)! }];
    });
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
