import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { AsciiColumn, IdColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';
import type { VariantKind } from '../uploads.types.js';

/** A smaller picture of a picture. */
@Entity()
@Index('ix_file_variant_blob', ['blobId'])
export class FileVariant {
  @IdPrimaryColumn()
  fileId: string;

  @PrimaryColumn({ type: 'varchar', length: 16, charset: 'ascii', collation: 'ascii_bin' })
  kind: VariantKind;

  @IdColumn()
  blobId: string;

  @AsciiColumn(127)
  mime: string;

  @Column({ type: 'int' })
  width: number;

  @Column({ type: 'int' })
  height: number;
}
