import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The local day whose free copy of everything an export is; null for what is paid. */
export class AddExportCopyDay1795350040000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // No CHECK beside it: adding one copies the table, and writes wait meanwhile.
    await queryRunner.query('ALTER TABLE export ADD COLUMN copy_day DATE NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE export DROP COLUMN copy_day');
  }
}
