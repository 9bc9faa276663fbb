import { Injectable } from '@nestjs/common';
import type { Namespace, Socket } from 'socket.io';
import type { Actor } from '../auth/actor.js';
import { socketActor } from '../auth/actor-context.js';

/** What features know of a socket: the rooms that it is in. Who has disconnected is in none, and enters none. */
export type RoomSocket = Pick<Socket, 'id' | 'rooms' | 'join' | 'leave'>;

/** A socket of this process, and whose it is. */
export interface MemberSocket {
  readonly socket: RoomSocket;
  readonly actor: Actor;
}

/** The sockets of one namespace. Delivery is best effort: what must not be lost is read back. */
export class RealtimeNamespace {
  private namespace: Namespace | undefined;

  /** Called once, by the gateway, when the socket server is up. */
  attach(namespace: Namespace): void {
    this.namespace = namespace;
  }

  /** Sends to every socket of a member, in this and other processes. */
  toMember(memberId: string, event: string, payload: object): void {
    this.namespace?.to(memberRoom(memberId)).emit(event, payload);
  }

  /** Sends to the sockets that are in a room, or in one of several, in this and other processes, but not to those in `except`. Each socket is in a room of its id. */
  toRoomEverywhere(room: string | string[], event: string, payload: object, except: string | string[] = []): void {
    this.namespace?.to(room).except(except).emit(event, payload);
  }

  /** Sends to the sockets of this process that are in a room, or in one of several; once to each. */
  toRoom(room: string | string[], event: string, payload: object): void {
    this.namespace?.local.to(room).emit(event, payload);
  }

  /**
   * The same, without the sockets of one member.
   *
   * @param isFleeting a socket that cannot take it at once need not have it later
   */
  toOthers(room: string | string[], memberId: string, event: string, payload: object, { isFleeting = false } = {}): void {
    const here = this.namespace?.local;
    (isFleeting ? here?.volatile : here)?.to(room).except(memberRoom(memberId)).emit(event, payload);
  }

  /** The sockets of this process that are in a room, and whose they are. */
  inRoom(room: string): MemberSocket[] {
    if (this.namespace === undefined) return [];
    const { adapter, sockets } = this.namespace;
    return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => {
      const socket = sockets.get(id);
      return socket === undefined ? [] : [{ socket, actor: socketActor(socket)! }];
    });
  }

  /** Puts the sockets of this process that are in one room into another as well; also those that are only being let in, which `inRoom` does not know. */
  bring(from: string, room: string): void {
    const adapter = this.namespace?.adapter;
    for (const id of adapter?.rooms.get(from) ?? []) void adapter!.addAll(id, new Set([room]));
  }

  /** Shows the sockets of this process out of a room that are in another one too, likewise. */
  showOut(of: string, room: string): void {
    const adapter = this.namespace?.adapter;
    for (const id of [...(adapter?.rooms.get(of) ?? [])]) void adapter!.del(id, room);
  }

  /** How many sockets of this process are in a room. */
  countIn(room: string): number {
    return this.namespace?.adapter.rooms.get(room)?.size ?? 0;
  }

  /** Members with a socket in this process. */
  connectedMembers(): string[] {
    if (this.namespace === undefined) return [];
    return [...this.namespace.adapter.rooms.keys()].filter((room) => room.startsWith(MEMBER)).map((room) => room.slice(MEMBER.length));
  }
}

/** The sockets of the namespace `/`. */
@Injectable()
export class Realtime extends RealtimeNamespace {}

const MEMBER = 'member:';

export function memberRoom(memberId: string): string {
  return `${MEMBER}${memberId}`;
}

export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}
