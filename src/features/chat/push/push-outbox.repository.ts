import { Injectable } from '@nestjs/common';
import { newId } from '../../../platform/database/columns.js';
import { Pools } from '../../../platform/database/pools.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { JobTimings } from '../../../platform/jobs/job-timings.js';
import { LeaseQueue, type Lease } from '../../../platform/jobs/lease-queue.js';
import { mayRead } from '../conversations/membership.repository.js';
import type { DueNotice, Notice } from './push.types.js';

const ROWS_IN_A_STATEMENT = 500;

/** A notification that was claimed, as the claim left it. */
export interface ClaimedPush {
  readonly subscriptionId: string;
  readonly conversationId: string;
  readonly no: number;
  /** 1 for the first. */
  readonly attempt: number;
}

export type PushJob = Lease & ClaimedPush;

/** The notifications that are still to be sent, as a lease queue. */
@Injectable()
export class PushOutboxRepository extends LeaseQueue {
  constructor(pools: Pools, timings: JobTimings) {
    super(pools, { table: 'push_outbox', idColumn: 'id', leaseSeconds: timings.lease / 1_000 });
  }

  /** A newer message takes the place of the one that still waits. It is tried anew, but no sooner. */
  async add(tx: Tx, conversationId: string, due: readonly DueNotice[]): Promise<void> {
    for (let first = 0; first < due.length; first += ROWS_IN_A_STATEMENT) {
      const part = due.slice(first, first + ROWS_IN_A_STATEMENT);
      await tx.write(
        `INSERT INTO push_outbox (id, subscription_id, conversation_id, no, attempts, run_at) VALUES ${part.map(() => '(?, ?, ?, ?, 0, UTC_TIMESTAMP(3))').join(', ')}
         ON DUPLICATE KEY UPDATE no = GREATEST(no, VALUES(no)), attempts = 0`,
        part.flatMap(({ subscriptionId, no }) => [newId(), subscriptionId, conversationId, no]),
      );
    }
  }

  /** Counts an attempt before it is made, so that one which takes the process with it counts as well. */
  async begin(tx: Tx, id: string): Promise<ClaimedPush> {
    await tx.write('UPDATE push_outbox SET attempts = attempts + 1 WHERE id = ?', [id]);
    const [push] = await tx.rows<ClaimedPush>('SELECT subscription_id AS subscriptionId, conversation_id AS conversationId, no, attempts AS attempt FROM push_outbox WHERE id = ?', [id]);
    return push!;
  }

  /** Lets all that waits for a browser wait for so long at least, but for what is on its way. */
  async putOff(tx: Tx, subscriptionId: string, seconds: number): Promise<void> {
    await tx.write('UPDATE push_outbox SET run_at = GREATEST(run_at, UTC_TIMESTAMP(3) + INTERVAL ? SECOND) WHERE subscription_id = ? AND lease_token IS NULL', [seconds, subscriptionId]);
  }

  /** What is to be said now; undefined when there is nothing any more: it was read, or is none of theirs by now. */
  async findNotice(reader: Reader, { subscriptionId, conversationId, no }: ClaimedPush): Promise<Notice | undefined> {
    const rows = await reader.rows<Notice>(
      `SELECT s.member_id AS memberId, s.endpoint, s.p256dh, s.auth, s.key_id AS keyId, x.id AS messageId, x.sender_id AS senderId, x.body AS text, c.title AS conversationTitle
       FROM push_subscription s
       JOIN chat_member m ON m.conversation_id = ? AND m.member_id = s.member_id
       JOIN chat_conversation c ON c.id = m.conversation_id
       JOIN chat_message x ON x.conversation_id = m.conversation_id AND x.no = ?
       WHERE s.id = ? AND ${mayRead('m')} AND m.notify <> 'none'
         AND m.read_no < x.no AND m.joined_seq < x.seq AND x.sender_id <> m.member_id AND x.deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM chat_block b WHERE b.member_id = m.member_id AND b.blocked_id = x.sender_id)`,
      [conversationId, no, subscriptionId],
    );
    return rows[0];
  }

  /** Takes out what was sent. A newer message that came meanwhile is sent next; so is nothing when the lease is lost. */
  async settle(tx: Tx, { id, token, no }: PushJob): Promise<void> {
    if ((await tx.write('DELETE FROM push_outbox WHERE id = ? AND lease_token = ? AND no = ?', [id, token, no])) === 0) await this.giveBack(tx, { id, token });
  }
}
