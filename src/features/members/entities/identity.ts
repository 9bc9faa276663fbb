import { Entity, Index, PrimaryColumn } from 'typeorm';
import { IdColumn, InstantColumn } from '../../../platform/database/columns.js';

const ASCII = { type: 'varchar', charset: 'ascii', collation: 'ascii_bin' } as const;

/** An account at another provider, with which its owner signs in here. */
@Entity()
export class Identity {
  /** Its name in OIDC_PROVIDERS. */
  @PrimaryColumn({ ...ASCII, length: 32 })
  provider: string;

  /** `sub`: never given to somebody else by the provider, unlike an address. */
  @PrimaryColumn({ ...ASCII, length: 255 })
  subject: string;

  @Index('ix_identity_member')
  @IdColumn()
  memberId: string;

  @InstantColumn()
  createdAt: Date;
}
