import { Column, Entity, Index } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A secret that lets a program act for a member. */
@Entity()
export class ApiToken {
  @IdPrimaryColumn()
  id: string;

  @Index('ix_api_token_member')
  @IdColumn()
  memberId: string;

  @Column({ type: 'varchar', length: 80 })
  name: string;

  /** SHA-256 of the secret, which itself is shown once and never kept. */
  @Index('uq_api_token_secret_hash', { unique: true })
  @Column({ type: 'binary', length: 32 })
  secretHash: Buffer;

  /** Permission bitmap, base64url; what the token may do is this and what its owner may. */
  @AsciiColumn(64)
  permissions: string;

  @InstantColumn({ nullable: true })
  lastUsedAt: Date | null;

  @InstantColumn({ nullable: true })
  expiresAt: Date | null;

  @InstantColumn({ nullable: true })
  revokedAt: Date | null;

  @InstantColumn()
  createdAt: Date;
}
