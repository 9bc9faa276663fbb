import { Column, Entity, Unique } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A browser that wants to be told of messages. */
@Entity()
@Unique('uq_push_subscription_endpoint', ['endpointHash'])
@Unique('uq_push_subscription_place', ['memberId', 'place'])
export class PushSubscription {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  memberId: string;

  /** From 1: a member has no more than there are places. */
  @Column({ type: 'int' })
  place: number;

  /** SHA-256 of the endpoint, which is too long for a key. */
  @Column({ type: 'binary', length: 32 })
  endpointHash: Buffer;

  /** Where its push service takes messages for it. Whoever knows it may send some, so it is shown to nobody else. */
  @AsciiColumn(2000)
  endpoint: string;

  /** The browser's public key, base64url. */
  @AsciiColumn(87)
  p256dh: string;

  /** What it shares with us, base64url. */
  @AsciiColumn(22)
  auth: string;

  /** The key of ours that it was made for: its push service takes no other. */
  @AsciiColumn(8)
  keyId: string;

  @InstantColumn()
  createdAt: Date;

  /** When it was last sent to us. */
  @InstantColumn()
  renewedAt: Date;
}
