import { Injectable } from '@nestjs/common';
import { Pools } from '../../../platform/database/pools.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { JobTimings } from '../../../platform/jobs/job-timings.js';
import { LeaseQueue, type Lease } from '../../../platform/jobs/lease-queue.js';
import { mayRead } from '../conversations/membership.repository.js';
import { PATIENCE_SECONDS } from './push.rules.js';
import type { DueNotice } from './push.types.js';

/** Messages of a conversation, by their numbers, first and last included. */
export interface Wave {
  readonly conversationId: string;
  readonly fromNo: number;
  readonly upToNo: number;
}

/** Messages that members may have to be told of, as a lease queue of conversations. */
@Injectable()
export class PushWaveRepository extends LeaseQueue {
  constructor(pools: Pools, timings: JobTimings) {
    super(pools, { table: 'chat_push_wave', idColumn: 'conversation_id', leaseSeconds: timings.lease / 1_000 });
  }

  /** Puts messages in. Those of a conversation that is waiting already are looked at together with the first. */
  async raise(tx: Tx, waves: readonly Wave[]): Promise<void> {
    await tx.write(
      `INSERT INTO chat_push_wave (conversation_id, from_no, up_to_no, run_at) VALUES ${waves.map(() => `(?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL ${PATIENCE_SECONDS} SECOND)`).join(', ')}
       ON DUPLICATE KEY UPDATE up_to_no = GREATEST(up_to_no, VALUES(up_to_no))`,
      waves.flatMap(({ conversationId, fromNo, upToNo }) => [conversationId, fromNo, upToNo]),
    );
  }

  async find(reader: Reader, conversationId: string): Promise<Wave | undefined> {
    return (await reader.rows<Wave>('SELECT conversation_id AS conversationId, from_no AS fromNo, up_to_no AS upToNo FROM chat_push_wave WHERE conversation_id = ?', [conversationId]))[0];
  }

  /**
   * The browsers of whoever has not read these messages and wants to be told of one of them, each with the newest of
   * those. From the newest message backwards the first that counts is enough, so a long wave costs no more than a short one.
   */
  async listDue(reader: Reader, { conversationId, fromNo, upToNo }: Wave): Promise<DueNotice[]> {
    const counts = `x.no BETWEEN ? AND ? AND x.no > m.read_no AND x.seq > m.joined_seq AND x.sender_id <> m.member_id AND x.deleted_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM chat_block b WHERE b.member_id = m.member_id AND b.blocked_id = x.sender_id)`;
    return reader.rows<DueNotice>(
      `SELECT subscriptionId, memberId, no FROM (
         SELECT s.id AS subscriptionId, m.member_id AS memberId, CASE m.notify
           WHEN 'all' THEN (SELECT x.no FROM chat_message x WHERE x.conversation_id = m.conversation_id AND ${counts} ORDER BY x.no DESC LIMIT 1)
           WHEN 'mentions' THEN (SELECT x.no FROM chat_mention n JOIN chat_message x ON x.conversation_id = n.conversation_id AND x.no = n.no
                                 WHERE n.conversation_id = m.conversation_id AND n.member_id = m.member_id AND ${counts} ORDER BY x.no DESC LIMIT 1)
         END AS no
         FROM chat_member m JOIN push_subscription s ON s.member_id = m.member_id
         WHERE m.conversation_id = ? AND ${mayRead('m')} AND m.read_no < ?
       ) due WHERE no IS NOT NULL ORDER BY subscriptionId`,
      [fromNo, upToNo, fromNo, upToNo, conversationId, upToNo],
    );
  }

  /** Takes out what was looked at; what has come since waits for its own time. False when the lease is lost. */
  async settle(tx: Tx, { id, token }: Lease, upToNo: number): Promise<boolean> {
    if ((await tx.write('DELETE FROM chat_push_wave WHERE conversation_id = ? AND lease_token = ? AND up_to_no = ?', [id, token, upToNo])) === 1) return true;
    const rest = await tx.write(
      `UPDATE chat_push_wave SET from_no = ?, run_at = UTC_TIMESTAMP(3) + INTERVAL ${PATIENCE_SECONDS} SECOND, lease_token = NULL, lease_until = NULL WHERE conversation_id = ? AND lease_token = ?`,
      [upToNo + 1, id, token],
    );
    return rest === 1;
  }
}
