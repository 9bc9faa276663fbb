import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { AsciiColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A one-use code for what a provider vouched for. */
@Entity()
export class SignInCode {
  /** SHA-256 of the code, which itself is never kept. */
  @PrimaryColumn({ type: 'binary', length: 32 })
  codeHash: Buffer;

  /** `sign-in` or `link`: a code is good for one of them. */
  @AsciiColumn(16)
  purpose: string;

  @AsciiColumn(32)
  provider: string;

  @AsciiColumn(255)
  subject: string;

  /** Normalised; null when the provider does not vouch that it is theirs. */
  @Column({ type: 'varchar', length: 254, collation: 'utf8mb4_bin', nullable: true })
  email: string | null;

  @Column({ type: 'varchar', length: 80 })
  displayName: string;

  @Index('ix_sign_in_code_expires')
  @InstantColumn()
  expiresAt: Date;
}
