import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many copies of everything a member ordered on `day`: free, and so counted apart from what is paid. */
export class AddExportQuotaCopies1795350041000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // The default serves a process of the version before, which inserts without the column.
    await queryRunner.query(`
      ALTER TABLE export_quota
        ADD COLUMN copies INT NOT NULL DEFAULT 0,
        ADD CONSTRAINT ck_export_quota_copies CHECK (copies >= 0)
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE export_quota DROP CONSTRAINT ck_export_quota_copies, DROP COLUMN copies');
  }
}
