import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { GroupCommit } from '../../../platform/database/group-commit.js';
import { MessageStore } from './message-store.service.js';
import type { Send, Sent } from './messages.types.js';

/** Messages that one process keeps waiting. */
const MOST_WAITING = 10_000;
const MOST_IN_A_BATCH = 64;
/** How long a message waits for others to be stored with. */
const WAIT_MS = 3;
/**
 * A batch may hold messages of many conversations, or a community of many small ones would gain nothing. Those of one
 * conversation always come to the same lane, where one batch is stored at a time.
 */
const LANES = 4;

/** Takes messages in: those that come at the same time are stored together. */
@Injectable()
export class SendIntake implements BeforeApplicationShutdown {
  private readonly commits: GroupCommit<number, Send, Sent>;

  constructor(private readonly store: MessageStore) {
    this.commits = new GroupCommit({
      mostWaiting: MOST_WAITING,
      mostInABatch: MOST_IN_A_BATCH,
      patienceMs: ({ length }) => (length >= MOST_IN_A_BATCH ? 0 : WAIT_MS),
      store: (_, batch) => this.store.store(batch),
    });
  }

  /** @throws serverBusy when too many wait; whatever the message is refused with */
  send(send: Send): Promise<Sent> {
    return this.commits.add(laneOf(send.conversationId), send);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.commits.drain();
  }
}

/** The last digits of an id are random. */
function laneOf(conversationId: string): number {
  return Number.parseInt(conversationId.slice(-2), 16) % LANES;
}
