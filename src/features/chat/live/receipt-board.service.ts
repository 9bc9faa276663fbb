import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ProcessBus } from '../../../platform/realtime/process-bus.js';
import { keyOfPart } from '../conversations/membership.repository.js';
import { ChatSockets, conversationRoom } from '../log/chat-sockets.js';
import { isBeyond, newest } from '../reading/receipt.rules.js';
import type { PartMark } from '../reading/reading.types.js';
import { ChatTimings } from './chat-timings.js';
import { ConversationSizes } from './conversation-sizes.service.js';

const TOPIC = 'chat.receipts';
/** In a larger conversation receipts are stored, and not told: each would be told to everybody. */
const MOST_MEMBERS = 100;
const MOST_REMEMBERED = 50_000;
const REMEMBERED_FOR_MS = 60_000;

/** Tells the others of a conversation how far somebody has come. Best effort: REST has the truth. */
@Injectable()
export class ReceiptBoard implements OnModuleDestroy {
  private readonly logger = new Logger(ReceiptBoard.name);
  /** What was moved here, and elsewhere, and is told next. */
  private own = new Map<string, PartMark>();
  private heard = new Map<string, PartMark>();
  /** What was told last: nothing older is told after it. */
  private readonly told = new LRUCache<string, PartMark>({ max: MOST_REMEMBERED, ttl: REMEMBERED_FOR_MS });
  private timer: NodeJS.Timeout | undefined;
  private telling: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly sizes: ConversationSizes,
    private readonly sockets: ChatSockets,
    private readonly bus: ProcessBus,
    private readonly timings: ChatTimings,
  ) {
    bus.on<PartMark[]>(TOPIC, (marks) => this.add(this.heard, marks));
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.telling;
  }

  /** To be called after the commit that moved these marks. */
  post(marks: readonly PartMark[]): void {
    this.add(this.own, marks);
  }

  private add(to: Map<string, PartMark>, marks: readonly PartMark[]): void {
    for (const mark of marks) to.set(keyOfPart(mark), newest(to.get(keyOfPart(mark)), mark));
    this.schedule();
  }

  /** Whatever comes in until the next telling is told by its newest. Tellings are never closer than that. */
  private schedule(): void {
    if (this.isStopped || this.own.size + this.heard.size === 0) return;
    this.timer ??= setTimeout(() => {
      this.telling = this.tell()
        .catch((error: unknown) => this.logger.warn(error, 'receipts were not told'))
        .finally(() => {
          this.timer = undefined;
          this.schedule();
        });
    }, this.timings.receiptEvery).unref();
  }

  private async tell(): Promise<void> {
    const [own, heard] = [this.own, this.heard];
    this.own = new Map();
    this.heard = new Map();
    const small = await this.sizes.upTo(MOST_MEMBERS, [...own.values()].map(({ conversationId }) => conversationId));
    const posted = [...own.values()].filter(({ conversationId }) => small.has(conversationId));
    if (posted.length > 0) this.bus.publish(TOPIC, posted);
    // What was heard comes of small conversations only.
    for (const mark of posted) heard.set(keyOfPart(mark), newest(heard.get(keyOfPart(mark)), mark));
    for (const [key, mark] of heard) {
      const last = this.told.get(key);
      if (last !== undefined && !isBeyond(mark, last)) continue;
      const now = newest(last, mark);
      this.told.set(key, now);
      this.sockets.toOthers(conversationRoom(mark.conversationId), mark.memberId, 'receipt', now);
    }
  }
}
