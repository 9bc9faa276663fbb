import { Column, Entity, Index } from 'typeorm';
import { IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** One sign-in on one device; its id is `sid` in the access token. */
@Entity()
export class Session {
  @IdPrimaryColumn()
  id: string;

  @Index('ix_session_member')
  @IdColumn()
  memberId: string;

  /** SHA-256 of the refresh token that is valid now. */
  @Index('uq_session_refresh_hash', { unique: true })
  @Column({ type: 'binary', length: 32 })
  refreshHash: Buffer;

  /** How often the refresh token was rotated. */
  @Column({ type: 'int' })
  generation: number;

  @Column({ type: 'varchar', length: 255 })
  userAgent: string;

  /** Address of the last refresh. */
  @Column({ type: 'varchar', length: 45 })
  ip: string;

  @InstantColumn()
  createdAt: Date;

  @InstantColumn()
  rotatedAt: Date;

  @InstantColumn({ nullable: true })
  revokedAt: Date | null;

  @InstantColumn()
  expiresAt: Date;
}
