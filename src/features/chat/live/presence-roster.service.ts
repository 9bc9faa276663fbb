import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ProcessBus } from '../../../platform/realtime/process-bus.js';
import { ChatTimings } from './chat-timings.js';

const TOPIC = 'chat.presence';
/** Members whose last activity is remembered, online or not. */
const MOST_REMEMBERED = 100_000;

/** What is known of a member with sockets at one process. */
export interface Sighting {
  /** None any more: they have gone. */
  readonly sockets: number;
  /** The conversations that these sockets look at. */
  readonly focus: readonly string[];
  /** The last event of any of them, in ms since 1970. */
  readonly activeAt: number;
}

/** What a process says to the others. */
export interface Said {
  readonly members: readonly (readonly [memberId: string, Sighting])[];
  /** Whether these are all that are there. */
  readonly isAll?: true;
  /** Whether the others shall say who is with them. */
  readonly asks?: true;
}

interface OtherProcess {
  members: Map<string, Sighting>;
  readonly lapse: NodeJS.Timeout;
}

/** @param isSudden their process has not been heard of for so long that there is nothing more to wait for */
export type RosterListener = (memberId: string, isSudden: boolean) => void;

/**
 * Knows who has sockets where: with this process exactly, with the others by what they say. They say it at each change,
 * and all of it every 20 s, so that a lost message does not matter for long; who falls silent is forgotten after 60 s.
 */
@Injectable()
export class PresenceRoster implements OnApplicationBootstrap, OnModuleDestroy {
  /** The sockets here by member, and what each looks at. */
  private readonly own = new Map<string, Map<string, string | null>>();
  private readonly others = new Map<string, OtherProcess>();
  private readonly activeAt = new LRUCache<string, number>({ max: MOST_REMEMBERED });
  private listener: RosterListener = () => undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: ProcessBus,
    private readonly timings: ChatTimings,
  ) {
    bus.on<Said>(TOPIC, (said, processId) => this.hear(said, processId));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.sayAll(), this.timings.presenceRepeat).unref();
    void this.bus.connected.then(() => this.sayAll({ asks: true }));
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    for (const { lapse } of this.others.values()) clearTimeout(lapse);
  }

  /** @param listener of members who may have come or gone; there is one */
  onChange(listener: RosterListener): void {
    this.listener = listener;
  }

  /** Whether there are any sockets here. */
  get isWatched(): boolean {
    return this.own.size > 0;
  }

  arrive(memberId: string, socketId: string): void {
    const sockets = this.own.get(memberId) ?? new Map<string, string | null>();
    this.own.set(memberId, sockets.set(socketId, null));
    this.note(memberId);
    this.changed(memberId);
  }

  leave(memberId: string, socketId: string): void {
    const sockets = this.own.get(memberId);
    if (sockets?.delete(socketId) !== true) return;
    if (sockets.size === 0) this.own.delete(memberId);
    this.changed(memberId);
  }

  /** A socket of the member has sent something. */
  note(memberId: string): void {
    this.activeAt.set(memberId, Date.now());
  }

  /** @param conversationId what the socket looks at from now on */
  focus(memberId: string, socketId: string, conversationId: string | null): void {
    const sockets = this.own.get(memberId);
    // It may have gone meanwhile.
    if (sockets?.has(socketId) !== true || sockets.get(socketId) === conversationId) return;
    sockets.set(socketId, conversationId);
    this.say({ members: [[memberId, this.sightingOf(memberId)]] });
  }

  /** Whether a member looks at a conversation at this moment, on any device at any process that is known. */
  isFocused(memberId: string, conversationId: string): boolean {
    if ([...(this.own.get(memberId)?.values() ?? [])].includes(conversationId)) return true;
    return this.elsewhere(memberId).some(({ focus }) => focus.includes(conversationId));
  }

  isConnected(memberId: string): boolean {
    return this.own.has(memberId) || this.elsewhere(memberId).length > 0;
  }

  /** How many sockets a member has at other processes, as far as that is known. */
  countElsewhere(memberId: string): number {
    return this.elsewhere(memberId).reduce((sum, { sockets }) => sum + sockets, 0);
  }

  lastActiveAt(memberId: string): Date | null {
    const at = this.activeAt.get(memberId);
    return at === undefined ? null : new Date(at);
  }

  private elsewhere(memberId: string): Sighting[] {
    return [...this.others.values()].flatMap(({ members }) => members.get(memberId) ?? []);
  }

  private changed(memberId: string): void {
    this.say({ members: [[memberId, this.sightingOf(memberId)]] });
    this.listener(memberId, false);
  }

  private sightingOf(memberId: string): Sighting {
    const sockets = [...(this.own.get(memberId)?.values() ?? [])];
    return { sockets: sockets.length, focus: [...new Set(sockets.filter((id) => id !== null))], activeAt: this.activeAt.get(memberId) ?? 0 };
  }

  private sayAll({ asks }: Pick<Said, 'asks'> = {}): void {
    this.say({ members: [...this.own.keys()].map((memberId) => [memberId, this.sightingOf(memberId)]), isAll: true, ...(asks && { asks }) });
  }

  private say(said: Said): void {
    this.bus.publish(TOPIC, said);
  }

  private hear({ members, isAll, asks }: Said, processId: string): void {
    const other = this.known(processId);
    other.lapse.refresh();
    const before = isAll === true ? other.members : new Map<string, Sighting>();
    if (isAll === true) other.members = new Map();
    for (const [memberId, sighting] of members) {
      if (sighting.sockets > 0) other.members.set(memberId, sighting);
      else other.members.delete(memberId);
      this.activeAt.set(memberId, Math.max(sighting.activeAt, this.activeAt.get(memberId) ?? 0));
    }
    for (const memberId of new Set([...before.keys(), ...members.map(([memberId]) => memberId)])) this.listener(memberId, false);
    if (asks === true) this.sayAll();
  }

  private known(processId: string): OtherProcess {
    const known = this.others.get(processId);
    if (known !== undefined) return known;
    const lapse = setTimeout(() => this.forget(processId), this.timings.presenceLapse).unref();
    const other: OtherProcess = { members: new Map(), lapse };
    this.others.set(processId, other);
    return other;
  }

  private forget(processId: string): void {
    const { members } = this.others.get(processId)!;
    this.others.delete(processId);
    for (const memberId of members.keys()) this.listener(memberId, true);
  }
}
