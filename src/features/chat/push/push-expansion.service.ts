import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import type { Lease } from '../../../platform/jobs/lease-queue.js';
import { PresenceRoster } from '../live/presence-roster.service.js';
import { PushOutboxRepository } from './push-outbox.repository.js';
import { PushWaveRepository } from './push-wave.repository.js';
import { PushWorker } from './push.worker.js';

/** Finds out whose browsers are to be told of messages that were not read in time. */
@Injectable()
export class PushExpansion {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly waves: PushWaveRepository,
    private readonly outbox: PushOutboxRepository,
    private readonly presence: PresenceRoster,
    private readonly worker: PushWorker,
  ) {}

  async next(): Promise<Lease | undefined> {
    if (!(await this.waves.hasDue(this.database))) return undefined;
    return this.transactions.run((tx) => this.waves.claim(tx));
  }

  renew(lease: Lease): Promise<boolean> {
    return this.waves.renew(lease);
  }

  async giveBack(lease: Lease): Promise<void> {
    await this.transactions.run((tx) => this.waves.giveBack(tx, lease));
  }

  /** One transaction, and its last write asks for the lease: who sends messages waits for that row, and only for the commit. */
  async run(lease: Lease): Promise<void> {
    const wave = await this.waves.find(this.database, lease.id);
    if (wave === undefined) return;
    const due = (await this.waves.listDue(this.database, wave)).filter(({ memberId }) => !this.presence.isFocused(memberId, wave.conversationId));
    await this.transactions.run(async (tx) => {
      await this.outbox.add(tx, wave.conversationId, due);
      if (!(await this.waves.settle(tx, lease, wave.upToNo))) throw new Error('another process has this conversation now');
      tx.afterCommit(() => this.worker.wake());
    });
  }
}
