import { Entity, Index, PrimaryColumn } from 'typeorm';
import { IdColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A token that sets a new password once. */
@Entity()
export class PasswordReset {
  /** SHA-256 of the token, which itself is only in the mail. */
  @PrimaryColumn({ type: 'binary', length: 32 })
  tokenHash: Buffer;

  @Index('ix_password_reset_member')
  @IdColumn()
  memberId: string;

  @Index('ix_password_reset_expires_at')
  @InstantColumn()
  expiresAt: Date;

  /** Also set when another token was used or the password changed. */
  @InstantColumn({ nullable: true })
  usedAt: Date | null;
}
