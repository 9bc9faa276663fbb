import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { GroupCommit } from '../../../platform/database/group-commit.js';
import { ChatTimings } from '../live/chat-timings.js';
import type { PartMark, ReadMark } from './reading.types.js';
import { ReceiptStore } from './receipt-store.service.js';

/** Receipts that one process keeps waiting. */
const MOST_WAITING = 20_000;
const MOST_IN_A_BATCH = 1_000;

/**
 * Notes how far members have read, for every door. In a busy room each message is acknowledged by everybody: those
 * receipts are stored together.
 */
@Injectable()
export class Reading implements BeforeApplicationShutdown {
  private readonly commits: GroupCommit<'all', PartMark, ReadMark>;

  constructor(store: ReceiptStore, timings: ChatTimings) {
    this.commits = new GroupCommit({
      mostWaiting: MOST_WAITING,
      mostInABatch: MOST_IN_A_BATCH,
      patienceMs: ({ length }) => (length >= MOST_IN_A_BATCH ? 0 : timings.receiptsTogether),
      store: (_, batch) => store.store(batch),
    });
  }

  /**
   * Moves the marks of a member on; where they have come as far, or farther, already they stay.
   *
   * @throws notFound, chatBanned; seqAhead; serverBusy when too many wait
   */
  async advance(memberId: string, conversationId: string, { readSeq = 0, deliveredSeq = 0 }: Partial<ReadMark>): Promise<ReadMark> {
    return this.commits.add('all', { conversationId, memberId, readSeq, deliveredSeq });
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.commits.drain();
  }
}
