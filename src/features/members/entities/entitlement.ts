import { Entity } from 'typeorm';
import type { PermissionName } from '../../../platform/auth/permissions.js';
import { AsciiColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A permission that a member has beside those of their role, until a date. Past it the row means nothing. */
@Entity()
export class Entitlement {
  @IdPrimaryColumn()
  memberId: string;

  @AsciiColumn(64, { primary: true })
  permission: PermissionName;

  @InstantColumn()
  until: Date;
}
