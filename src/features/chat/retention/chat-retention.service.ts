import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { MessageIndex } from '../search/message-index.service.js';
import { RetentionRepository } from './retention.repository.js';

const CONVERSATIONS_PER_QUERY = 100;
const EVENTS_IN_A_PART = 500;

/** Deletes what is older than CHAT_RETENTION_DAYS: always the start of a log, so that there is never a gap within. */
@Injectable()
export class ChatRetention {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly retention: RetentionRepository,
    private readonly index: MessageIndex,
    private readonly config: Config,
  ) {}

  /**
   * Goes through all conversations, in parts of one transaction each. What was done stays done when it is left off.
   *
   * @throws the signal's reason when it is aborted
   */
  async run(signal?: AbortSignal): Promise<void> {
    const days = this.config.CHAT_RETENTION_DAYS;
    if (days === undefined) return;
    let ids: string[] = [];
    do {
      ids = await this.retention.listOutdated(this.database, days, ids.at(-1) ?? '', CONVERSATIONS_PER_QUERY);
      for (const id of ids) {
        do signal?.throwIfAborted();
        while (await this.transactions.run((tx) => this.part(tx, id, days)));
      }
    } while (ids.length === CONVERSATIONS_PER_QUERY);
  }

  /** @returns whether there may be more */
  private async part(tx: Tx, conversationId: string, days: number): Promise<boolean> {
    const events = await this.retention.listFirst(tx, conversationId, days, EVENTS_IN_A_PART);
    const kept = events.findIndex(({ isOutdated }) => isOutdated === 0);
    const outdated = kept === -1 ? events : events.slice(0, kept);
    if (outdated.length === 0) return false;
    const start = { conversationId, firstSeq: outdated[0]!.seq, lastSeq: outdated.at(-1)!.seq };
    // Nothing else is written in this conversation until the commit. Where the start has moved somebody else is at it.
    if (!(await this.retention.moveStart(tx, start))) return false;
    const lastNo = await this.retention.lastNo(tx, start);
    if (lastNo !== undefined) {
      await this.index.forget(tx, conversationId, lastNo);
      await this.retention.deleteMessages(tx, conversationId, lastNo);
    }
    await this.retention.deleteEvents(tx, start);
    return outdated.length === EVENTS_IN_A_PART;
  }
}
