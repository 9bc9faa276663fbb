import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../../../platform/database/database.js';
import { ProcessBus } from '../../../platform/realtime/process-bus.js';
import { memberRoom, type RoomSocket } from '../../../platform/realtime/realtime.js';
import type { ChatEvent, LogHead } from '../chat.types.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { MembershipRepository, type RecentJoin } from '../conversations/membership.repository.js';
import { ChatSockets, conversationRoom } from './chat-sockets.js';
import { EventRepository } from './event.repository.js';
import { NewsWaiters } from './news-waiters.js';

/** How often the database is asked about conversations that are followed here: what nobody told is found so. */
const LOOK_EVERY_MS = 2_000;
/** Joins of the last so many seconds are looked at each time: longer than a commit may take. */
const JOINS_WITHIN_SECONDS = 30;
const MOST_REMEMBERED = 10_000;
/** Longer than it takes to read what a member is in. */
const REMEMBERED_FOR_MS = 60_000;
const IDS_PER_QUERY = 1_000;
const EVENTS_PER_READ = 200;
const TOPIC = 'chat.moved';

/** A conversation that somebody at this process listens to. */
interface Followed {
  /** All events up to this one have been sent to its room, in their order. */
  seq: number;
  epoch: number;
  reading: Promise<void> | undefined;
  /** Whether there was news while the log was being read. */
  again: boolean;
  /** The events after this one are known here: who went by an older one is not. */
  since: number;
  /** When members went: whoever was let in by an older reading of the members is not let in. */
  readonly left: Map<string, number>;
  /** Who could read the log up to an event that has not been sent yet: what is sent until then does not show them out. */
  readonly seen: Map<string, number>;
}

/** News of a log: where it ends now, who has joined, and who may not hear it any more. */
interface Moved {
  readonly conversationId: string;
  readonly seq: number;
  readonly joined?: readonly string[];
  readonly left?: readonly string[];
}

/**
 * Sends the events of conversations to the sockets of this process: each once, in the order of the log, without a gap.
 * It reads the log for whatever it was not handed in time, so other processes need only say that there is something,
 * and when even that is lost it is found within 2 s. Since members come and go by the same events in the same order,
 * nobody is sent what came after they went.
 */
@Injectable()
export class ConversationFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ConversationFeed.name);
  private readonly followed = new Map<string, Followed>();
  /** Who waits for news, by conversation and by member. */
  private readonly waiters = new NewsWaiters();
  private readonly listeners: ((event: ChatEvent) => void)[] = [];
  isStopped = false;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private lookedAt = performance.now();
  /** Counts joinings; by member the last one: whoever reads what they are in may miss what comes meanwhile. */
  private news = 0;
  private readonly joined = new LRUCache<string, number>({ max: MOST_REMEMBERED, ttl: REMEMBERED_FOR_MS });

  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly conversations: ConversationRepository,
    private readonly members: MembershipRepository,
    private readonly sockets: ChatSockets,
    private readonly bus: ProcessBus,
  ) {
    bus.on<Moved>(TOPIC, (moved) => this.hear(moved));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, LOOK_EVERY_MS).unref();
  }

  /** Nobody is kept waiting by a process that ends. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.isStopped = true;
    this.waiters.end();
    await this.looking;
  }

  /** How many joinings there were: for `awaitNews`. */
  get joinings(): number {
    return this.news;
  }

  /**
   * Lets a socket hear a conversation that its member could read when the log ended at `head`.
   *
   * @returns false when it is not known here whether they have gone since: read the head again
   */
  follow(socket: RoomSocket, memberId: string, head: LogHead): boolean {
    const followed = this.keep(head);
    if (head.seq < followed.since) return false;
    // They went after that was read.
    if ((followed.left.get(memberId) ?? 0) > head.seq) return true;
    if (head.seq > followed.seq) followed.seen.set(memberId, head.seq);
    void socket.join(conversationRoom(head.conversationId));
    return true;
  }

  /** @param listener of the events that have been sent to the sockets of this process */
  onEvent(listener: (event: ChatEvent) => void): void {
    this.listeners.push(listener);
  }

  /** To be called after the commit with the events of one conversation that it wrote, in their order. */
  announce(events: readonly ChatEvent[]): void {
    const { conversationId, epoch, seq } = events.at(-1)!;
    const followed = this.followed.get(conversationId);
    if (followed !== undefined) {
      if (followed.seq === events[0]!.seq - 1 && followed.epoch === epoch) this.emit(conversationId, followed, events);
      else this.read(conversationId, followed);
    }
    this.bus.publish(TOPIC, { conversationId, seq } satisfies Moved);
  }

  /** The same, of events that are not at hand. @returns when they have been sent to the sockets of this process, if they could be read */
  async move(moved: Moved): Promise<void> {
    this.bus.publish(TOPIC, moved);
    this.hear(moved);
    await this.followed.get(moved.conversationId)?.reading;
  }

  /**
   * Resolves at the next news of any of these conversations, or when the member joins one; or when `signal` says so.
   *
   * @param joinings as they were before `heads` were read
   */
  async awaitNews(memberId: string, heads: readonly LogHead[], joinings: number, signal: AbortSignal): Promise<void> {
    for (const head of heads) this.keep(head);
    // What came since the heads were read is not news any more.
    const isLate = (this.joined.get(memberId) ?? 0) > joinings || heads.some(({ conversationId, seq }) => this.followed.get(conversationId)!.seq > seq);
    if (!isLate) await this.waiters.wait([memberId, ...heads.map(({ conversationId }) => conversationId)], signal);
  }

  private keep({ conversationId, epoch, seq }: LogHead): Followed {
    const known = this.followed.get(conversationId);
    if (known !== undefined) return known;
    const followed: Followed = { seq, epoch, since: seq, reading: undefined, again: false, left: new Map(), seen: new Map() };
    this.followed.set(conversationId, followed);
    return followed;
  }

  private hear({ conversationId, seq, joined = [], left = [] }: Moved): void {
    let followed = this.followed.get(conversationId);
    if (followed === undefined && joined.some((memberId) => this.isHere(memberId))) {
      // Their joining is the first that they hear: it is not known yet how many events it was.
      followed = this.keep({ conversationId, epoch: UNKNOWN, seq: seq - joined.length, firstSeq: 1 });
    }
    if (followed === undefined || followed.seq >= seq) return;
    // At once: what else there is to hear, such as who is typing, does not wait for the log.
    for (const memberId of left) if (seq > (followed.seen.get(memberId) ?? 0)) this.sockets.showOut(memberRoom(memberId), conversationRoom(conversationId));
    this.read(conversationId, followed);
  }

  private isHere(memberId: string): boolean {
    return this.sockets.countIn(memberRoom(memberId)) > 0 || this.waiters.has(memberId);
  }

  /** Reads what is missing, one reading at a time. */
  private read(conversationId: string, followed: Followed): void {
    followed.again = true;
    followed.reading ??= this.readOn(conversationId, followed);
  }

  private async readOn(conversationId: string, followed: Followed): Promise<void> {
    try {
      while (followed.again) {
        followed.again = false;
        // What is sent during the reading is newer than what is read.
        const { seq, epoch } = followed;
        const [head] = await this.conversations.listHeads(this.database, [conversationId]);
        if (head === undefined) return;
        if (this.hasBegunAnew({ seq, epoch }, head)) this.reset(followed, head);
        const events = await this.events.list(this.database, head, followed.seq, EVENTS_PER_READ);
        this.emit(conversationId, followed, events.filter(({ seq }) => seq > followed.seq));
        if (events.length > 0 && events.at(-1)!.seq < head.seq) followed.again = true;
      }
    } catch (error) {
      // The database is away. The next look finds it again.
      this.logger.warn(error, 'a log could not be read');
    } finally {
      // With the last look at `again`: news that comes now begins a reading of its own.
      followed.reading = undefined;
    }
  }

  /** Whether what was sent from this log does not lead on to what is in it now. */
  private hasBegunAnew({ seq, epoch }: Pick<Followed, 'seq' | 'epoch'>, head: LogHead): boolean {
    // A node of a cluster that lags may not have come so far yet: that alone is nothing new.
    return (epoch !== UNKNOWN && epoch !== head.epoch) || seq < head.firstSeq - 1;
  }

  /** Clients begin anew as well: they are told, and ask, which lets those in again who may still read it. */
  private reset(followed: Followed, { conversationId, epoch, seq }: LogHead): void {
    followed.seq = seq;
    followed.epoch = epoch;
    followed.since = seq;
    followed.left.clear();
    followed.seen.clear();
    const room = conversationRoom(conversationId);
    this.sockets.toRoom(room, 'resync', { conversationId, epoch, seq });
    this.sockets.showOut(room, room);
    this.waiters.wake(conversationId);
  }

  /** Sends events that follow on what was sent. Who joins is in the room before it is told, who leaves still hears it. */
  private emit(conversationId: string, followed: Followed, events: readonly ChatEvent[]): void {
    const room = conversationRoom(conversationId);
    for (const event of events) {
      const change = membershipChange(event);
      if (change?.isIn === true) {
        followed.left.delete(change.memberId);
        this.sockets.bring(memberRoom(change.memberId), room);
        this.joined.set(change.memberId, (this.news += 1));
        this.waiters.wake(change.memberId);
      }
      followed.seq = event.seq;
      followed.epoch = event.epoch;
      // Whoever goes may have been shown out before it is told.
      const goes = change?.isIn === false && !followed.left.has(change.memberId);
      this.sockets.toRoom(goes ? [room, memberRoom(change.memberId)] : room, 'event', event);
      for (const listener of this.listeners) listener(event);
      if (change?.isIn === false && event.seq > (followed.seen.get(change.memberId) ?? 0)) {
        followed.left.set(change.memberId, event.seq);
        this.sockets.showOut(memberRoom(change.memberId), room);
      }
    }
    for (const [memberId, seq] of followed.seen) if (seq <= followed.seq) followed.seen.delete(memberId);
    if (events.length > 0) this.waiters.wake(conversationId);
  }

  /** Finds what nobody told, and forgets what nobody listens to. */
  private async look(): Promise<void> {
    const began = performance.now();
    for (const [id, { reading }] of this.followed) {
      if (this.isStopped) return;
      if (reading === undefined && this.sockets.countIn(conversationRoom(id)) === 0 && !this.waiters.has(id)) this.followed.delete(id);
    }
    try {
      const ids = [...this.followed.keys()];
      for (let first = 0; first < ids.length; first += IDS_PER_QUERY) {
        for (const head of await this.conversations.listHeads(this.database, ids.slice(first, first + IDS_PER_QUERY))) {
          const followed = this.followed.get(head.conversationId);
          if (followed !== undefined && (followed.seq < head.seq || followed.epoch !== head.epoch)) this.read(head.conversationId, followed);
        }
      }
      const within = JOINS_WITHIN_SECONDS + Math.ceil((began - this.lookedAt) / 1_000);
      for (const join of await this.members.listRecentJoins(this.database, within)) if (this.isHere(join.memberId)) await this.hearOfJoin(join);
      this.lookedAt = began;
    } catch (error) {
      this.logger.warn(error, 'could not look for news of conversations');
    }
  }

  /** The joining may have come before anybody here listened: then what was sent since is news to who joined. */
  private async hearOfJoin({ memberId, joinedSeq, ...head }: RecentJoin): Promise<void> {
    const { conversationId } = head;
    const followed = this.followed.get(conversationId);
    if (followed === undefined) return this.read(conversationId, this.keep({ ...head, epoch: UNKNOWN, seq: joinedSeq - 1 }));
    if (joinedSeq > followed.since) return;
    this.waiters.wake(memberId);
    const room = conversationRoom(conversationId);
    const outside = () => this.sockets.inRoom(memberRoom(memberId)).filter(({ socket }) => !socket.rooms.has(room));
    if (outside().length === 0) return;
    const missed: ChatEvent[] = [];
    for (let seq = joinedSeq - 1; seq < followed.seq; seq = missed.at(-1)!.seq) {
      const more = await this.events.list(this.database, { ...head, seq: followed.seq }, seq, EVENTS_PER_READ);
      if (more.length === 0) return;
      missed.push(...more);
    }
    for (const { socket } of outside()) {
      this.follow(socket, memberId, head);
      if (socket.rooms.has(room)) for (const event of missed) this.sockets.toRoom(socket.id, 'event', event);
    }
  }
}

/** The epoch of a log of which nothing was read yet. */
const UNKNOWN = -1;

/** Whether an event lets a member in, or shows them out, however late it is read. A ban that runs out lets nobody in: they come back by syncing. */
function membershipChange({ type, data, at }: ChatEvent): { memberId: string; isIn: boolean } | undefined {
  if (!('memberId' in data)) return undefined;
  if (type === 'member.joined') return { memberId: data.memberId, isIn: true };
  if (type === 'member.left') return { memberId: data.memberId, isIn: false };
  if (type !== 'member.changed' || !('bannedUntil' in data)) return undefined;
  return { memberId: data.memberId, isIn: data.bannedUntil == null || data.bannedUntil <= at };
}
