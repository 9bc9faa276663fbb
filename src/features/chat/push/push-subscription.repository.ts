import { Injectable } from '@nestjs/common';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { BrowserKeys } from './push.types.js';

/** Whose a browser is. */
export interface SubscriptionRow {
  readonly id: string;
  readonly memberId: string;
  readonly place: number;
  readonly keyId: string;
  readonly createdAt: Date;
}

export interface NewSubscription extends BrowserKeys {
  readonly id: string;
  readonly memberId: string;
  readonly place: number;
  readonly endpoint: string;
  readonly endpointHash: Buffer;
  readonly keyId: string;
}

const COLUMNS = 'id, member_id AS memberId, place, key_id AS keyId, created_at AS createdAt';

/** The only SQL that writes the table `push_subscription`. */
@Injectable()
export class PushSubscriptionRepository {
  async findByEndpoint(reader: Reader, endpointHash: Buffer): Promise<SubscriptionRow | undefined> {
    return (await reader.rows<SubscriptionRow>(`SELECT ${COLUMNS} FROM push_subscription WHERE endpoint_hash = ?`, [endpointHash]))[0];
  }

  /** A member's, the one that was longest not heard of first. */
  async listOf(reader: Reader, memberId: string): Promise<SubscriptionRow[]> {
    return reader.rows<SubscriptionRow>(`SELECT ${COLUMNS} FROM push_subscription WHERE member_id = ? ORDER BY renewed_at, id`, [memberId]);
  }

  async isAny(reader: Reader): Promise<boolean> {
    return (await reader.rows('SELECT 1 FROM push_subscription LIMIT 1')).length > 0;
  }

  /** False when the endpoint or the place was taken meanwhile. */
  async insert(tx: Tx, { id, memberId, place, endpointHash, endpoint, p256dh, auth, keyId }: NewSubscription): Promise<boolean> {
    return unlessTaken(
      tx.write(
        `INSERT INTO push_subscription (id, member_id, place, endpoint_hash, endpoint, p256dh, auth, key_id, created_at, renewed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
        [id, memberId, place, endpointHash, endpoint, p256dh, auth, keyId],
      ),
    );
  }

  /** Writes down what a browser says now, and gives it to a member. False when it, or the place, is somebody else's meanwhile. */
  async renew(tx: Tx, { id, memberId: ownerId }: SubscriptionRow, { memberId, place, p256dh, auth, keyId }: Omit<NewSubscription, 'id' | 'endpoint' | 'endpointHash'>): Promise<boolean> {
    return unlessTaken(
      tx.write(
        'UPDATE push_subscription SET member_id = ?, place = ?, p256dh = ?, auth = ?, key_id = ?, renewed_at = UTC_TIMESTAMP(3) WHERE id = ? AND member_id = ?',
        [memberId, place, p256dh, auth, keyId, id, ownerId],
      ),
    );
  }

  /** False when it was gone, or is not the member's. */
  async delete(tx: Tx, id: string, memberId: string): Promise<boolean> {
    return (await tx.write('DELETE FROM push_subscription WHERE id = ? AND member_id = ?', [id, memberId])) === 1;
  }

  async deleteByEndpoint(tx: Tx, endpointHash: Buffer, memberId: string): Promise<void> {
    await tx.write('DELETE FROM push_subscription WHERE endpoint_hash = ? AND member_id = ?', [endpointHash, memberId]);
  }

  /** Of an endpoint that is no more. */
  async deleteDead(tx: Tx, id: string): Promise<void> {
    await tx.write('DELETE FROM push_subscription WHERE id = ?', [id]);
  }
}

async function unlessTaken(write: Promise<number>): Promise<boolean> {
  try {
    return (await write) === 1;
  } catch (error) {
    if (isDuplicate(error, 'uq_push_subscription_endpoint') || isDuplicate(error, 'uq_push_subscription_place')) return false;
    throw error;
  }
}
