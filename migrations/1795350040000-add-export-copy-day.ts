import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The local day whose free copy of everything an export is; null for what is paid. */
export class AddExportCopyDay1795350040000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE export
        ADD COLUMN copy_day DATE NULL,
        ADD CONSTRAINT ck_export_copy CHECK (copy_day IS NULL OR hold_id IS NULL)
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE export DROP CONSTRAINT ck_export_copy, DROP COLUMN copy_day');
  }
}
