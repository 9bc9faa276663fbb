import { Column, Entity, Index } from 'typeorm';
import { IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { Role } from '../../../platform/auth/permissions.js';

/** A person of the community. */
@Entity()
export class Member {
  @IdPrimaryColumn()
  id: string;

  /** Normalised: trimmed and in lower case. Compared byte for byte: addresses that differ by an accent are two. */
  @Index('uq_member_email', { unique: true })
  @Column({ type: 'varchar', length: 254, collation: 'utf8mb4_bin' })
  email: string;

  @InstantColumn({ nullable: true })
  emailVerifiedAt: Date | null;

  @Column({ type: 'varchar', length: 80 })
  displayName: string;

  /** Null for members who only ever sign in elsewhere. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  passwordHash: string | null;

  @Column({ type: 'varchar', length: 16 })
  role: Role;

  /** Grows with every change of what the member may do; access tokens carry the one they were made with. */
  @Column({ type: 'int' })
  permissionVersion: number;

  @InstantColumn({ nullable: true })
  lastActiveAt: Date | null;

  @Index('ix_member_created')
  @InstantColumn()
  createdAt: Date;

  @InstantColumn({ nullable: true })
  disabledAt: Date | null;
}
